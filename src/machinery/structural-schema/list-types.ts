import { canonicalJson } from "../canonical-json.ts";
import { duplicateValue, type FieldError, invalidValue } from "../field-errors.ts";
import { FieldPath } from "../field-path.ts";
import { isJsonObject, type Json, type JsonObjectDraft, setField } from "../json.ts";
import { type JsonSchema, ownProperty, schemaHas, schemaOfAnyField, schemaOfItems } from "./json-schema.ts";

/** What is in a list of type set or map twice. Each double is told once, at its second place. */
export function validateListTypes(schema: JsonSchema, value: unknown, path: FieldPath = FieldPath.root): readonly FieldError[] {
  return hasListTypes(schema) ? visit(schema, value, path) : [];
}

const known = new WeakMap<JsonSchema, boolean>();

function hasListTypes(schema: JsonSchema): boolean {
  let has = known.get(schema);
  if (has === undefined) {
    known.set(schema, (has = schemaHas(schema, (each) => each["x-kubernetes-list-type"] === "set" || each["x-kubernetes-list-type"] === "map")));
  }
  return has;
}

function visit(schema: JsonSchema, value: unknown, path: FieldPath): readonly FieldError[] {
  if (!hasListTypes(schema)) return [];
  if (Array.isArray(value)) return visitList(schema, value as readonly Json[], path);
  if (!isJsonObject(value)) return [];
  const any = schemaOfAnyField(schema);
  return Object.entries(value).flatMap(([name, field]) => {
    const own = ownProperty(schema, name);
    if (own) return visit(own, field, path.child(name));
    return any ? visit(any, field, path.key(name)) : [];
  });
}

function visitList(schema: JsonSchema, list: readonly Json[], path: FieldPath): readonly FieldError[] {
  const items = schemaOfItems(schema);
  const within = items ? list.flatMap((item, index) => visit(items, item, path.index(index))) : [];
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return [...doubles(list).map((index) => duplicateValue(path.index(index), list[index])), ...within];
    case "map":
      return [...mapDoubles(schema["x-kubernetes-list-map-keys"] ?? [], list, path), ...within];
    default:
      return within;
  }
}

function mapDoubles(keys: readonly string[], list: readonly Json[], path: FieldPath): readonly FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong !== -1) return [invalidValue(path.index(wrong), list[wrong], "must be an object for an array of list-type map")];
  const keyed = list.map((item) => keysOf(item, keys));
  return doubles(keyed).map((index) => duplicateValue(path.index(index), keyed[index]));
}

/** The keys of an item that are there. */
function keysOf(item: Json, keys: readonly string[]): Json {
  const found: JsonObjectDraft = {};
  for (const key of keys) if (isJsonObject(item) && Object.hasOwn(item, key)) setField(found, key, item[key] ?? null);
  return found;
}

/** Places of what was there before; of something that is there three times, only the second. */
function doubles(list: readonly Json[]): readonly number[] {
  const times = new Map<string, number>();
  return list.flatMap((item, index) => {
    const key = canonicalJson(item);
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    return before === 1 ? [index] : [];
  });
}
