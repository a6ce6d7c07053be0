import type { OpenApiSchema, OpenApiVersion } from "../schema/openapi-schema.ts";
import { type JsonSchema, schemaOfAnyField, schemaOfItems } from "./json-schema.ts";

export interface StructuralOpenApi {
  readonly version: OpenApiVersion;
  /** How apiVersion and kind are described. */
  readonly typeMeta: { readonly [name: string]: OpenApiSchema };
  /** How metadata is described. */
  readonly metadata: OpenApiSchema;
}

/** The definition of a custom kind: its schema, with the fields that every object has. */
export function structuralDefinition(schema: JsonSchema, options: StructuralOpenApi): OpenApiSchema {
  return described({ ...schema, "x-kubernetes-embedded-resource": true }, options, true);
}

function described(schema: JsonSchema, options: StructuralOpenApi, isRoot = false): OpenApiSchema {
  const keywords = options.version === 2 ? version2Keywords(schema, isRoot) : schema;
  const { properties, additionalProperties, items, "x-kubernetes-embedded-resource": embedded, ...rest } = keywords;
  const own = properties && Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, described(each, options)]));
  const any = schemaOfAnyField(keywords);
  const item = schemaOfItems(keywords);
  const isResource = embedded === true && (own !== undefined || isRoot);
  return {
    ...rest,
    ...(embedded === true && !isRoot ? { "x-kubernetes-embedded-resource": true } : {}),
    ...(isResource ? { properties: { ...own, ...options.typeMeta, metadata: options.metadata } } : own ? { properties: own } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: any ? described(any, options) : additionalProperties }),
    ...(items === undefined ? {} : { items: item ? described(item, options) : items }),
  };
}

/** What clients of OpenAPI 2 cope with: no alternatives, no nulls, and no types where fields may be unknown. */
function version2Keywords(schema: JsonSchema, isRoot: boolean): JsonSchema {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, nullable, default: _default, ...rest } = schema;
  const preserves = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (!preserves && nullable !== true) return withoutNullable(rest);
  const { items: _items, properties: _properties, type, required: _required, ...open } = rest;
  const keepsType = isRoot || (nullable !== true && type !== "array" && type !== "object");
  return keepsType && type !== undefined ? { ...open, type } : open;
}

/** A field that may be null need not be there. */
function withoutNullable(schema: JsonSchema): JsonSchema {
  const { required, properties = {} } = schema;
  if (!required?.some((name) => properties[name]?.nullable === true)) return schema;
  return { ...schema, required: required.filter((name) => properties[name]?.nullable !== true) };
}
