import { equal } from "#machinery/equality.ts";
import { type FieldError, fieldErrorText, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { isDefault, type JsonSchema, schemaOfAnyField, schemaOfItems } from "#machinery/structural-schema/json-schema.ts";
import { patternProblem } from "#machinery/structural-schema/pattern.ts";
import type { JSONSchemaProps } from "../../generated/apiextensions-v1.ts";
import { completenessErrors } from "./completeness.ts";

type Level = "root" | "item" | "field";

/**
 * Whether a schema is structural ("Extend the Kubernetes API with CustomResourceDefinitions"): each place has one type, and what
 * allOf, anyOf, oneOf and not say of a place is only about its value.
 */
export function validateStructuralSchema(schema: JsonSchema, path: FieldPath): readonly FieldError[] {
  const errors = [...validateNode(schema, "root", path), ...completenessErrors(schema, path)];
  return errors.toSorted((one, other) => (fieldErrorText(one) < fieldErrorText(other) ? -1 : 1));
}

/** Why nothing can be said of a schema. */
export function isUnknownToStructural(schema: JSONSchemaProps): string | undefined {
  const {
    id, $schema, $ref, patternProperties = {}, dependencies = {}, additionalItems, definitions = {}, items, properties = {}, additionalProperties,
    allOf = [], anyOf = [], oneOf = [], not,
  } = schema;
  const unsupported = id ? "id" : $schema ? "schema" : $ref ? "$ref" : Object.keys(patternProperties).length > 0 ? "patternProperties"
    : Object.keys(dependencies).length > 0 ? "dependencies" : additionalItems !== undefined ? "additionalItems"
    : Object.keys(definitions).length > 0 ? "definitions" : undefined;
  if (unsupported !== undefined) return `OpenAPIV3Schema '${unsupported}' is not supported`;
  if (Array.isArray(items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  const within = [
    ...allOf, ...anyOf, ...oneOf, ...(not ? [not] : []), ...(items === undefined ? [] : [items as JSONSchemaProps]),
    ...Object.values(properties), ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ];
  for (const each of within) {
    const found = isUnknownToStructural(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function validateNode(schema: JsonSchema, level: Level, path: FieldPath): readonly FieldError[] {
  const [items, any] = [schemaOfItems(schema), schemaOfAnyField(schema)];
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  return [
    ...(schema.type === "array" && !items ? [requiredValue(path.child("items"), "must be specified")] : []),
    ...(items ? validateNode(items, "item", path.child("items")) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) => validateNode(each, "field", path.child("properties").key(name))),
    ...(schema.additionalProperties !== undefined && level === "root"
      ? [forbiddenValue(path.child("additionalProperties"), "must not be used at the root")] : []),
    ...(any ? validateNode(any, "field", path.child("additionalProperties")) : []),
    ...validateExtensions(schema, path),
    ...validateValue(schema, path),
    ...validateType(schema, level, isEmbedded, path),
    ...(level === "root" || isEmbedded ? validateTypeMeta(schema, path) : []),
    ...validateMetadata(schema, level, isEmbedded, path),
    ...(isEmbedded && schema["x-kubernetes-preserve-unknown-fields"] !== true && Object.keys(schema.properties ?? {}).length === 0
      ? [requiredValue(
        path.child("properties"), "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      )] : []),
  ];
}

function validateExtensions(schema: JsonSchema, path: FieldPath): readonly FieldError[] {
  if (schema["x-kubernetes-int-or-string"] !== true) return [];
  return (["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const).flatMap((name) =>
    (schema[name] === true ? [invalidValue(path.child(name), true, "must be false if x-kubernetes-int-or-string is true")] : []));
}

const lacksType = {
  root: "must not be empty at the root", item: "must not be empty for specified array items", field: "must not be empty for specified object fields",
};

function validateType(schema: JsonSchema, level: Level, isEmbedded: boolean, path: FieldPath): readonly FieldError[] {
  const { type = "" } = schema;
  const at = path.child("type");
  const errors: FieldError[] = [];
  if (isEmbedded && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? requiredValue(at, detail) : invalidValue(at, type, detail));
  } else if (type === "" && schema["x-kubernetes-int-or-string"] !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
    errors.push(requiredValue(at, lacksType[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    errors.push(forbiddenValue(path.child("additionalProperties"), "must not be used if x-kubernetes-embedded-resource is set"));
  }
  if (level === "root" && type !== "" && type !== "object") errors.push(invalidValue(at, type, "must be object at the root"));
  return errors;
}

function validateTypeMeta({ properties = {} }: JsonSchema, path: FieldPath): readonly FieldError[] {
  return (["kind", "apiVersion"] as const).flatMap((name) => {
    const own = properties[name];
    return own === undefined || own.type === "string" ? []
      : [invalidValue(path.child("properties").key(name).child("type"), own.type ?? "", "must be string")];
  });
}

function validateMetadata({ properties = {} }: JsonSchema, level: Level, isEmbedded: boolean, path: FieldPath): readonly FieldError[] {
  const { metadata } = properties;
  if (!metadata) return [];
  const at = path.child("properties").key("metadata");
  const isTyped = metadata.type === "object" || (level !== "root" && !isEmbedded);
  const typed = isTyped ? [] : [invalidValue(at.child("type"), metadata.type ?? "", "must be object")];
  if (level !== "root") return typed;
  const { type: _type, properties: own = {}, default: _default, description: _description, ...rest } = metadata;
  const onlyNames = Object.keys(own).every((name) => name === "name" || name === "generateName");
  return onlyNames && Object.keys(rest).length === 0 && metadata.description === undefined ? typed : [
    ...typed, forbiddenValue(at, "must not specify anything other than name and generateName, but metadata is implicitly specified"),
  ];
}

const intOrString: readonly JsonSchema[] = [{ type: "integer" }, { type: "string" }];

/** What is said of the value itself, and of it in alternatives. */
function validateValue(schema: JsonSchema, path: FieldPath, isFirstOfAll = false): readonly FieldError[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  // A number or a text may be described by its two types.
  const isIntOrString = equal(anyOf, intOrString) && (isFirstOfAll || schema["x-kubernetes-int-or-string"] === true || schema.type === undefined);
  const firstIs = equal(allOf[0]?.anyOf, intOrString);
  const problem = pattern === undefined ? undefined : patternProblem(pattern);
  return [
    ...(isIntOrString ? [] : anyOf.flatMap((each, index) => validateNested(each, path.child("anyOf").index(index)))),
    ...allOf.flatMap((each, index) => validateNested(each, path.child("allOf").index(index), firstIs && index === 0)),
    ...oneOf.flatMap((each, index) => validateNested(each, path.child("oneOf").index(index))),
    ...(not ? validateNested(not, path.child("not")) : []),
    ...(problem === undefined ? [] : [invalidValue(path.child("pattern"), pattern, `must be a valid regular expression, but isn't: ${problem}`)]),
  ];
}

function validateNested(schema: JsonSchema, path: FieldPath, isFirstOfAll = false): readonly FieldError[] {
  const items = schemaOfItems(schema);
  const forbid = (name: keyof JsonSchema | "externalDocs", detail: string, isSet: boolean): readonly FieldError[] =>
    (isSet ? [forbiddenValue(path.child(name), detail)] : []);
  return [
    ...validateValue(schema, path, isFirstOfAll),
    ...(items ? validateNested(items, path.child("items")) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) => validateNested(each, path.child("properties").key(name))),
    ...forbid("type", "must be empty to be structural", schema.type !== undefined),
    ...forbid("additionalProperties", "must be undefined to be structural", schema.additionalProperties !== undefined),
    ...forbid("default", "must be undefined to be structural", isDefault(schema.default)),
    ...forbid("title", "must be empty to be structural", schema.title !== undefined),
    ...forbid("description", "must be empty to be structural", schema.description !== undefined),
    ...forbid("nullable", "must be false to be structural", schema.nullable === true),
    ...(["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"] as const)
      .flatMap((name) => forbid(name, "must be false to be structural", schema[name] === true)),
    ...forbid("x-kubernetes-list-map-keys", "must be empty to be structural", schema["x-kubernetes-list-map-keys"] !== undefined),
    ...forbid("x-kubernetes-list-type", "must be undefined to be structural", schema["x-kubernetes-list-type"] !== undefined),
    ...forbid("x-kubernetes-map-type", "must be undefined to be structural", schema["x-kubernetes-map-type"] !== undefined),
    ...forbid("x-kubernetes-validations", "must be empty to be structural", schema["x-kubernetes-validations"] !== undefined),
    ...(schema.properties?.["metadata"]
      ? [forbiddenValue(path.child("properties").key("metadata"), "must not be specified in a nested context")] : []),
  ];
}
