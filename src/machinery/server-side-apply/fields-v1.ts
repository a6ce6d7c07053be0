import { isJsonObject, type JsonObject, type JsonObjectDraft, setField } from "../json.ts";
import { emptySet, type FieldNode, type FieldSet } from "./field-set.ts";
import { comparePathElements, parsePathElement, type PathElement } from "./path-element.ts";

/**
 * Field sets as managedFields hold them: `{"f:spec":{"f:replicas":{}}}`, where `"."` says that the path to it is itself in the
 * set. Both ways are remembered as long as the object or the set lives, because nearly every set is read and written many times.
 */

const mostNesting = 100;
const parsedSets = new WeakMap<JsonObject, FieldSet>();
const formattedSets = new WeakMap<FieldSet, JsonObject>();

/** Reads a set. `undefined` when it is malformed. */
export function parseFieldsV1(fields: JsonObject): FieldSet | undefined {
  const known = parsedSets.get(fields);
  if (known !== undefined) return known;
  const set = parseLevel(fields, 0);
  if (set === undefined) return undefined;
  parsedSets.set(fields, set);
  if (set !== emptySet) formattedSets.set(set, fields);
  return set;
}

export function formatFieldsV1(set: FieldSet): JsonObject {
  const known = formattedSets.get(set);
  if (known !== undefined) return known;
  const fields = formatLevel(set, {});
  formattedSets.set(set, fields);
  parsedSets.set(fields, set);
  return fields;
}

function parseLevel(fields: JsonObject, depth: number): FieldSet | undefined {
  if (depth > mostNesting) return undefined;
  const set = new Map<PathElement, FieldNode>();
  for (const text of Object.keys(fields)) {
    const nested = fields[text];
    if (!isJsonObject(nested)) return undefined;
    if (text === ".") continue;
    const element = parsePathElement(text);
    const children = parseLevel(nested, depth + 1);
    if (element === undefined || children === undefined) return undefined;
    const member = children.size === 0 || Object.hasOwn(nested, ".");
    set.set(element, { member, children });
  }
  return set.size === 0 ? emptySet : set;
}

function formatLevel(set: FieldSet, fields: JsonObjectDraft): JsonObject {
  const elements = [...set.keys()].sort(comparePathElements);
  for (const element of elements) {
    const node = set.get(element);
    if (node === undefined) continue;
    setField(fields, element, formatLevel(node.children, node.member && node.children.size > 0 ? { ".": {} } : {}));
  }
  return fields;
}
