import type { ListIdentity } from "../types/type.ts";
import {
  type Declared, declaredAny, declaredBool, declaredBytes, declaredDate, declaredDouble, declaredDuration, declaredInt, declaredList, declaredMap,
  declaredObject, declaredText, declaredTimestamp,
} from "./declared.ts";

/** The part of a structural schema (CustomResourceDefinition, JSONSchemaProps) that CEL goes by. */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/**
 * How CEL sees values of a schema; `undefined` when it does not see them at all (a value of any type, a list of such).
 * @param isResource always has apiVersion, kind, and a metadata with name and generateName
 * @param name of the type, as error messages show it; those of inner objects derive from it
 */
export function declareSchema(schema: StructuralSchema, isResource: boolean, name = "object"): Declared | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) return declaredAny(fourBytesEach(schema.maxLength));
  switch (schema.type) {
    case "object":
      return declareObject(isResource ? withObjectMeta(schema) : schema, name);
    case "array":
      return declareList(schema, name);
    case "string":
      return declareText(schema);
    case "boolean":
      return declaredBool;
    case "number":
      return declaredDouble;
    case "integer":
      return declaredInt;
    default:
      return undefined;
  }
}

function declareObject(schema: StructuralSchema, name: string): Declared | undefined {
  const values = schema.additionalProperties;
  if (typeof values === "object") {
    const value = declareInner(values, `${name}.@elem`);
    return value === undefined ? undefined : declaredMap(value, atLeastZero(schema.maxProperties));
  }
  const properties = Object.entries(schema.properties ?? {}).flatMap(([property, inner]): [string, Declared, boolean][] => {
    const declared = declareInner(inner, `${name}.${property}`);
    const isRequired = schema.required?.includes(property) === true && inner.default === undefined;
    return declared === undefined ? [] : [[property, declared, isRequired]];
  });
  return declaredObject(name, properties);
}

function declareList(schema: StructuralSchema, name: string): Declared | undefined {
  const element = schema.items === undefined ? undefined : declareInner(schema.items, `${name}.@idx`);
  return element === undefined ? undefined : declaredList(element, atLeastZero(schema.maxItems), identityOf(schema));
}

function declareInner(schema: StructuralSchema, name: string): Declared | undefined {
  return declareSchema(schema, schema["x-kubernetes-embedded-resource"] === true, name);
}

function declareText(schema: StructuralSchema): Declared {
  switch (schema.format) {
    case "byte":
      return declaredBytes(atLeastZero(schema.maxLength));
    case "duration":
      return declaredDuration;
    case "date":
      return declaredDate;
    case "date-time":
      return declaredTimestamp;
    default:
      return declaredText(fourBytesEach(schema.maxLength) ?? longestOf(schema.enum));
  }
}

function identityOf(schema: StructuralSchema): ListIdentity | undefined {
  if (schema["x-kubernetes-list-type"] === "set") return { is: "set" };
  return schema["x-kubernetes-list-type"] === "map" ? { is: "map", keys: schema["x-kubernetes-list-map-keys"] ?? [] } : undefined;
}

function withObjectMeta(schema: StructuralSchema): StructuralSchema {
  const text = { type: "string" };
  const metadata = { type: "object", properties: { name: text, generateName: text } };
  return { ...schema, properties: { ...schema.properties, kind: text, apiVersion: text, metadata } };
}

function longestOf(values: readonly unknown[] | undefined): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return Math.max(...values.map((value) => (typeof value === "string" ? new TextEncoder().encode(value).length : 0)));
}

function atLeastZero(limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(0, limit);
}

/** `maxLength` counts characters, which take up to four bytes. */
function fourBytesEach(characters: number | undefined): number | undefined {
  return characters === undefined ? undefined : Math.max(0, characters) * 4;
}
