import type { Finding, SourceFile } from "./files.ts";

const page = "docs/decisions/dependencies.md";

interface Package {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** Each package that Knarr depends on has a line that says why, and no line outlives its package; what runs imports each of its own. */
export function dependencies(files: readonly SourceFile[]): Finding[] {
  const manifest = files.find(({ path }) => path === "package.json");
  if (manifest === undefined) return [];
  const { dependencies: runtime = {}, devDependencies: development = {} } = JSON.parse(manifest.text) as Package;
  const used = new Set([...Object.keys(runtime), ...Object.keys(development)]);
  const listed = new Set(listedIn(files.find(({ path }) => path === page)?.text ?? ""));
  const idle = Object.keys(runtime).filter((name) => !files.some((file) => file.path.startsWith("src/") && imports(file, name)));
  return [
    ...idle.map((name) => finding(`${name} is imported nowhere in src/: take it out of package.json, and its line out of here.`)),
    ...[...used].filter((name) => !listed.has(name)).map((name) => finding(`${name}: add a line that says what it is for, and why not without it.`)),
    ...[...listed].filter((name) => !used.has(name)).map((name) => finding(`${name} is no dependency any more: take its line out.`)),
  ];
}

function imports({ text }: SourceFile, name: string): boolean {
  return ["from ", "import ", "import("].some((way) => text.includes(`${way}"${name}"`) || text.includes(`${way}"${name}/`));
}

function finding(message: string): Finding {
  return { path: page, message };
}

/** The names that start the rows of the page's tables. */
function listedIn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name]) => name ?? "");
}
