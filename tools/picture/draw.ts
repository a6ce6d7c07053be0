/** One row of tools/layers.json. */
export interface Component {
  readonly name: string;
  readonly does: string;
  readonly imports: readonly string[] | "every component";
  readonly importsTypes?: readonly string[];
}

export interface Layers {
  readonly components: readonly Component[];
}

const begin = "<!-- The picture: drawn from tools/layers.json by `npm run picture`. -->";
const end = "<!-- End of the picture. -->";
const mostColumns = 84;

/**
 * The layers as text: a picture with a box per layer, each above everything that it may import, and the table that
 * dependency-cruiser enforces.
 */
export function drawPicture({ components }: Layers): string {
  const layers: string[][] = [];
  for (const component of components) (layers[height(component, components)] ??= []).push(component.name);
  const boxes = layers.toReversed().map((names) => wrap(names).map((line) => `│${center(line, mostColumns)}│`).join("\n"));
  const rule = "─".repeat(mostColumns);
  return [
    "```text",
    `┌${rule}┐`,
    boxes.join(`\n├${rule}┤\n`),
    `└${rule}┘`,
    "```",
    "",
    "| component | does | may import |",
    "|---|---|---|",
    ...components.map((component) => `| \`${component.name}/\` | ${component.does} | ${mayImport(component)} |`),
  ].join("\n");
}

/** Puts the picture between its marks. @throws Error when the page lacks them. */
export function replacePicture(page: string, picture: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page needs the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n${picture}\n${page.slice(to)}`;
}

/** How many layers lie below: one more than the highest of what it may import. */
function height(component: Component, all: readonly Component[]): number {
  const { name, imports, importsTypes = [] } = component;
  const below = all.filter((other) =>
    imports === "every component"
      ? other.name !== name && !other.imports.includes(name)
      : imports.includes(other.name) || importsTypes.includes(other.name),
  );
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((one) => height(one, all)));
}

function mayImport({ imports, importsTypes = [] }: Component): string {
  if (!Array.isArray(imports)) return String(imports);
  return [...imports, ...importsTypes.map((name) => `types of ${name}`)].join(", ") || "nothing of ours";
}

function wrap(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 3 <= mostColumns - 4) lines[lines.length - 1] = `${last}   ${name}`;
    else lines.push(name);
  }
  return lines;
}

function center(text: string, width: number): string {
  return text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);
}
