import { setField } from "../json.ts";
import { isDefault, type JsonSchema, ownProperty, schemaHas, schemaOfAnyField, schemaOfItems } from "./json-schema.ts";

type Target = Record<string, never>;

/**
 * Fills in, in place, the defaults of absent fields, and of nulls where null is no value. A default is filled in only where the object
 * around it is there. @see prune, which comes first
 */
export function fillStructuralDefaults(value: unknown, schema: JsonSchema): void {
  if (hasDefaults(schema)) fill(value, schema);
}

const known = new WeakMap<JsonSchema, boolean>();

function hasDefaults(schema: JsonSchema): boolean {
  let has = known.get(schema);
  if (has === undefined) known.set(schema, (has = schemaHas(schema, (each) => isDefault(each.default))));
  return has;
}

function fill(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) fillItems(value, schema);
  else if (typeof value === "object" && value !== null) fillFields(value as Target, schema);
}

function fillFields(target: Target, schema: JsonSchema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value: unknown = Object.hasOwn(target, name) ? target[name] : undefined;
    if (isDefault(property.default) && (value === undefined || isNull(value, property))) {
      setField(target, name, structuredClone(property.default) as never);
    }
    if (Object.hasOwn(target, name) && hasDefaults(property)) fill(target[name], property);
  }
  const any = schemaOfAnyField(schema);
  if (!any || !hasDefaults(any)) return;
  for (const name of Object.keys(target)) {
    if (ownProperty(schema, name)) continue;
    if (isNull(target[name], any)) setField(target, name, structuredClone(any.default ?? null) as never);
    fill(target[name], any);
  }
}

function fillItems(list: unknown[], schema: JsonSchema): void {
  const items = schemaOfItems(schema);
  if (!items || !hasDefaults(items)) return;
  for (const [index, item] of list.entries()) {
    if (isNull(item, items)) list[index] = structuredClone(items.default ?? null);
    fill(list[index], items);
  }
}

function isNull(value: unknown, schema: JsonSchema): boolean {
  return value === null && schema.nullable !== true;
}
