import { setField } from "../json.ts";
import { isDefault, type JsonSchema, ownProperty, schemaOfAnyField, schemaOfItems } from "./json-schema.ts";

/** What pruning finds on its way through a value. */
export interface Pruning {
  /** Told of each field that the schema does not know. */
  unknown(path: string): void;
  /** What becomes of the metadata of an embedded object: checked, and without unknown fields. */
  metadata(value: unknown, path: string): unknown;
}

type Target = Record<string, never>;

/**
 * A copy of the value without the fields that its schema does not know, and without nulls where null is no value (a null with a
 * default stays, and is filled in with that). Shares nothing with what it was given.
 *
 * @param schema absent: nothing is known, so nothing is kept ("Extend the Kubernetes API with CustomResourceDefinitions", field pruning)
 */
export function prune(value: unknown, schema: JsonSchema | undefined, path: string, pruning: Pruning): unknown {
  if (Array.isArray(value)) return value.map((item, index) => prune(item, itemsOf(schema), `${path}[${index}]`, pruning));
  if (typeof value !== "object" || value === null) return value;
  const result: Target = {};
  for (const name of Object.keys(value)) {
    const field = (value as { readonly [name: string]: unknown })[name];
    const at = path === "" ? name : `${path}.${name}`;
    const kept = pruneField(name, field, schema, at, pruning);
    if (kept !== undefined) setField(result, name, kept as never);
  }
  return result;
}

/** `undefined` where the field goes. */
function pruneField(name: string, value: unknown, schema: JsonSchema | undefined, path: string, pruning: Pruning): unknown {
  const own = schema && ownProperty(schema, name);
  if (isEmbedded(schema) && isMeta(name)) {
    return name === "metadata" && value !== null ? pruning.metadata(value, path) : prune(value, everything, path, pruning);
  }
  const known = own ?? (schema && schemaOfAnyField(schema));
  if (known) return isAbsent(value, known) ? undefined : prune(value, known, path, pruning);
  if (schema?.["x-kubernetes-preserve-unknown-fields"] === true) return prune(value, everything, path, pruning);
  if (schema?.additionalProperties === true) return prune(value, undefined, path, pruning);
  pruning.unknown(path);
  return undefined;
}

/** Of what lies within a field that is kept whatever it is, all is kept. */
const everything: JsonSchema = { "x-kubernetes-preserve-unknown-fields": true };

function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  const items = schema && schemaOfItems(schema);
  if (schema?.["x-kubernetes-preserve-unknown-fields"] !== true) return items;
  return items ? { ...items, "x-kubernetes-preserve-unknown-fields": true } : everything;
}

/** A null that stands for nothing at all. */
function isAbsent(value: unknown, schema: JsonSchema): boolean {
  return value === null && schema.nullable !== true && !isDefault(schema.default);
}

function isEmbedded(schema: JsonSchema | undefined): boolean {
  return schema?.["x-kubernetes-embedded-resource"] === true;
}

function isMeta(name: string): boolean {
  return name === "apiVersion" || name === "kind" || name === "metadata";
}
