export const jsonMediaType = "application/json";
export const yamlMediaType = "application/yaml";
export const protobufMediaType = "application/vnd.kubernetes.protobuf";

/** What bodies may come as, in the order in which errors list them. */
export const objectMediaTypes: readonly string[] = [jsonMediaType, yamlMediaType, protobufMediaType];

/** One entry of an Accept header (RFC 9110 §12.5.1), with Kubernetes' parameters `as`, `g` and `v`. */
export interface MediaRange {
  /** Such as `application/json`, or `*` + `/*`. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The media type alone, in lower case, without parameters. */
export function bareMediaType(header: string): string {
  const semicolon = header.indexOf(";");
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

/** The ranges of an Accept header, the most wanted first. An empty header accepts anything. */
export function parseAccept(header: string): readonly MediaRange[] {
  const ranges = header.slice(0, longestAccept).split(",").flatMap((entry) => parseRange(entry) ?? []);
  return ranges.sort((a, b) => qualityOf(b) - qualityOf(a));
}

const longestAccept = 4096;

function parseRange(entry: string): MediaRange | undefined {
  const [type = "", ...parts] = entry.split(";");
  if (type.trim() === "") return undefined;
  const parameters = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals > 0) parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return { type: type.trim().toLowerCase(), parameters };
}

function qualityOf({ parameters }: MediaRange): number {
  const quality = Number(parameters.get("q") ?? 1);
  return Number.isNaN(quality) ? 0 : quality;
}
