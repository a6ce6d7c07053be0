/** One figure of a page in Prometheus' text format. */
export interface Figure {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** It only grows, but for restarts. */
  readonly isCounter: boolean;
}

const line = /^([a-zA-Z_:][\w:]*)[ \t]*(?:\{(.*)\})?[ \t]*(\S+)(?:[ \t]+\S+)?$/;
const label = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*,?/y;
const longestLine = 16_384;

/**
 * Reads a page of figures (Prometheus "Exposition formats", text format 0.0.4). What cannot be read is passed over, as are figures that are
 * no number and the parts of distributions: buckets and quantiles.
 * @param most figures that are taken
 */
export function readExposition(text: string, most: number): readonly Figure[] {
  const figures: Figure[] = [];
  const types = new Map<string, string>();
  for (const each of text.split("\n")) {
    if (figures.length >= most) break;
    if (each.length > longestLine) continue;
    const [, name, type] = /^#[ \t]*TYPE[ \t]+(\S+)[ \t]+(\w+)/.exec(each) ?? [];
    if (name !== undefined && type !== undefined) types.set(name, type);
    const figure = each.startsWith("#") ? undefined : figureOf(each.trim(), types);
    if (figure) figures.push(figure);
  }
  return figures;
}

function figureOf(text: string, types: ReadonlyMap<string, string>): Figure | undefined {
  const [, name = "", inBraces = "", number = ""] = line.exec(text) ?? [];
  const value = number === "" ? Number.NaN : Number(number);
  const labels = labelsOf(inBraces);
  if (!Number.isFinite(value) || labels === undefined || "le" in labels || "quantile" in labels) return undefined;
  return { name, labels, value, isCounter: types.get(name) === "counter" || name.endsWith("_total") };
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let end = 0;
  while (end < text.trimEnd().length) {
    label.lastIndex = end;
    const found = label.exec(text);
    if (!found) return undefined;
    labels[found[1] ?? ""] = (found[2] ?? "").replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
    end = label.lastIndex;
  }
  return labels;
}
