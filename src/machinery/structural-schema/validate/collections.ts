import { equal } from "../../equality.ts";
import { invalidValue, requiredValue, tooMany } from "../../field-errors.ts";
import { isJsonObject, type Json } from "../../json.ts";
import { type JsonSchema, ownProperty, schemaOfAnyField, schemaOfItems } from "../json-schema.ts";
import { type Check, inBody, uncorrelated } from "./check.ts";

type Compile = (schema: JsonSchema) => Check;

export function listCheck(schema: JsonSchema, compile: Compile): Check | undefined {
  const { minItems, maxItems, uniqueItems } = schema;
  const items = schemaOfItems(schema);
  const checkItem = items && compile(items);
  if (!checkItem && minItems === undefined && maxItems === undefined && uniqueItems !== true) return undefined;
  return (value, old, path, findings) => {
    if (!Array.isArray(value)) return;
    if (checkItem) {
      const correlate = correlation(schema, old);
      for (const [index, item] of value.entries()) checkItem(item, correlate(item, index), path.index(index), findings);
    }
    const size = value.length;
    if (minItems !== undefined && size < minItems) {
      findings.errors.push(invalidValue(path, size, inBody(path, `should have at least ${minItems} items`)));
    }
    if (maxItems !== undefined && size > maxItems) findings.errors.push(tooMany(path, size, maxItems));
    if (uniqueItems === true && hasDoubles(value)) findings.errors.push(invalidValue(path, "", inBody(path, "shouldn't contain duplicates")));
  };
}

function hasDoubles(list: readonly unknown[]): boolean {
  return list.some((item, index) => list.slice(0, index).some((other) => equal(item, other)));
}

/** Which item of the old list an item was: by its keys in a list map, by its place where the schema says nothing. */
export function correlation(schema: JsonSchema, old: unknown): (item: unknown, index: number) => unknown {
  const listType = schema["x-kubernetes-list-type"];
  if (!Array.isArray(old) || listType === "set" || listType === "atomic") return () => uncorrelated;
  if (listType !== "map") return (_item, index) => (index < old.length ? (old[index] as unknown) : uncorrelated);
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const byKeys = new Map(old.filter(isJsonObject).map((item) => [keysOf(item, keys), item]));
  return (item) => (isJsonObject(item) ? (byKeys.get(keysOf(item, keys)) ?? uncorrelated) : uncorrelated);
}

function keysOf(item: { readonly [name: string]: Json | undefined }, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => item[key]));
}

export function objectCheck(schema: JsonSchema, compile: Compile): Check | undefined {
  const { minProperties, maxProperties, required = [], additionalProperties } = schema;
  const any = schemaOfAnyField(schema);
  const checkAny = any && compile(any);
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => ({ name, check: compile(property) }));
  const counts = minProperties !== undefined || maxProperties !== undefined;
  if (!checkAny && properties.length === 0 && required.length === 0 && !counts && additionalProperties !== false) return undefined;
  return (value, old, path, findings) => {
    if (!isJsonObject(value)) return;
    const size = Object.keys(value).length;
    if (minProperties !== undefined && size < minProperties) {
      findings.errors.push(invalidValue(path, size, inBody(path, `should have at least ${minProperties} properties`)));
      return;
    }
    if (maxProperties !== undefined && size > maxProperties) {
      findings.errors.push(tooMany(path, size, maxProperties));
      return;
    }
    if (checkAny || additionalProperties === false) {
      for (const name of Object.keys(value)) {
        if (ownProperty(schema, name)) continue;
        if (checkAny) checkAny(value[name], oldField(old, name), path.child(name), findings);
        else findings.errors.push(invalidValue(path, name, inBody(path.child(name), "is a forbidden property")));
      }
    }
    for (const { name, check } of properties) {
      if (Object.hasOwn(value, name)) check(value[name], oldField(old, name), path.child(name), findings);
    }
    for (const name of required) if (!Object.hasOwn(value, name)) findings.errors.push(requiredValue(path.child(name)));
  };
}

function oldField(old: unknown, name: string): unknown {
  return isJsonObject(old) && Object.hasOwn(old, name) ? old[name] : uncorrelated;
}
