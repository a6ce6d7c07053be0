import { type JsonSchema, ownProperty, schemaOfAnyField } from "#machinery/structural-schema/json-schema.ts";

export interface Place {
  /** As field paths are written: `spec.parts`, `metadata.labels[a]`. */
  readonly path: string;
  readonly schema: JsonSchema;
}

export interface PlaceProblem {
  readonly problem: string;
}

export function isProblem(place: Place | PlaceProblem): place is PlaceProblem {
  return "problem" in place;
}

const token = /\.(?<field>[A-Za-z_][\w-]*)|\[(?:'(?<quoted>(?:[^'\\]|\\.)*)'|(?<bare>[^\]']*))\]/;

/** Where a path of fields and keys leads in a schema. @param brackets whether keys may be written in brackets */
export function placeIn(schema: JsonSchema, text: string, brackets: boolean): Place | PlaceProblem {
  let place: Place = { path: "", schema };
  const next = new RegExp(token, "y");
  while (next.lastIndex < text.length) {
    const from = next.lastIndex;
    const groups = next.exec(text)?.groups;
    if (!groups) return { problem: from === 0 ? `expected [ or . but got: ${text}` : `invalid field path at ${text.slice(from)}` };
    const { field, quoted, bare } = groups;
    if (field === undefined && !brackets) return { problem: "expected . but got: [" };
    const found = field === undefined ? atKey(place, (quoted ?? bare ?? "").replaceAll(/\\(.)/g, "$1")) : atField(place, field);
    if (isProblem(found)) return found;
    place = found;
  }
  return place.path === "" ? { problem: "path is empty" } : place;
}

function atField({ path, schema }: Place, name: string): Place | PlaceProblem {
  const own = ownProperty(schema, name);
  if (!own) return noSuchField;
  return { path: path === "" ? name : `${path}.${name}`, schema: own };
}

function atKey({ path, schema }: Place, key: string): Place | PlaceProblem {
  const any = schemaOfAnyField(schema);
  if (any) return { path: `${path}[${key}]`, schema: any };
  return ownProperty(schema, key) ? atField({ path, schema }, key) : noSuchField;
}

const noSuchField: PlaceProblem = { problem: "does not refer to a valid field" };
