/** One entry of an Accept header, such as `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: { readonly [name: string]: string };
}

/** Reads an Accept header, best first: by `q`, then as written. What is no media range is left out. Empty reads as everything. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const ranges = (header ?? "").slice(0, 4096).split(",").map(parseRange).filter((range) => range !== undefined);
  return ranges.length === 0 ? [{ type: "*/*", parameters: {} }] : ranges.toSorted((one, other) => quality(other) - quality(one));
}

function parseRange(text: string): MediaRange | undefined {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return undefined;
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const [name = "", value = ""] = part.split("=");
    parameters[name.trim().toLowerCase()] = value.trim().replace(/^"(.*)"$/, "$1");
  }
  return { type: type.toLowerCase(), parameters };
}

function quality({ parameters }: MediaRange): number {
  const value = Number(parameters["q"] ?? 1);
  return Number.isNaN(value) ? 0 : value;
}

/** Whether a range takes a media type, wildcards included. */
export function takes({ type }: MediaRange, mediaType: string): boolean {
  return type === mediaType || type === "*/*" || (type.endsWith("/*") && mediaType.startsWith(type.slice(0, -1)));
}
