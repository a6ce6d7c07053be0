import type { Json } from "../json.ts";

/**
 * A schema as a CustomResourceDefinition states it (API reference: apiextensions/v1 JSONSchemaProps), as far as it is allowed in one:
 * structural, so that each place of an object has one type, whatever the rest of the object says.
 */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

/** A rule in CEL (API reference: apiextensions/v1 ValidationRule). */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The schema of a field of an object: of its own, or that of any field. `undefined`: nothing is said of it. */
export function schemaOfField(schema: JsonSchema, name: string): JsonSchema | undefined {
  return ownProperty(schema, name) ?? schemaOfAnyField(schema);
}

export function ownProperty({ properties }: JsonSchema, name: string): JsonSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** What fields of any name look like, where the schema says so. */
export function schemaOfAnyField({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** The one schema of all items. */
export function schemaOfItems({ items }: JsonSchema): JsonSchema | undefined {
  return items === undefined || isList(items) ? undefined : items;
}

function isList(items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

/** Whether the schema, or one anywhere within it, is such a one. */
export function schemaHas(schema: JsonSchema, is: (schema: JsonSchema) => boolean): boolean {
  return is(schema) || subschemas(schema).some((each) => schemaHas(each, is));
}

function subschemas(schema: JsonSchema): readonly JsonSchema[] {
  const { properties = {}, additionalProperties, items, allOf = [], anyOf = [], oneOf = [], not } = schema;
  return [
    ...(items === undefined ? [] : isList(items) ? items : [items]), ...allOf, ...anyOf, ...oneOf, ...(not ? [not] : []),
    ...Object.values(properties), ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ];
}

export function isDefault(value: unknown): value is Json {
  return value !== undefined && value !== null;
}
