import { isJsonObject, type JsonObject, type JsonObjectDraft } from "../json.ts";
import type { FieldSet } from "./field-set.ts";
import { comparePathElements, parsePathElement } from "./path-element.ts";

const mostNesting = 100;

/** Reads a field set that a client wrote: checks its notation and makes it canonical. `undefined` when it is malformed. */
export function parseFieldsV1(fields: JsonObject, depth = 0): FieldSet | undefined {
  if (depth > mostNesting) return undefined;
  const entries: [string, JsonObject][] = [];
  for (const [text, nested] of Object.entries(fields)) {
    const element = text === "." ? text : parsePathElement(text);
    const node = isJsonObject(nested) ? parseFieldsV1(nested, depth + 1) : undefined;
    if (element === undefined || node === undefined) return undefined;
    if (element !== ".") entries.push([element, node]);
  }
  const draft: JsonObjectDraft = Object.hasOwn(fields, ".") && entries.length > 0 ? { ".": {} } : {};
  for (const [element, node] of entries.sort(([left], [right]) => comparePathElements(left, right))) draft[element] = node;
  return draft;
}
