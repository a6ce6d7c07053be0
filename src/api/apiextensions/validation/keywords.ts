import { type FieldError, forbiddenValue, invalidValue, notSupportedValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { JSONSchemaProps } from "../../generated/apiextensions-v1.ts";
import { validateMergeKeywords } from "./merge-keywords.ts";
import { validateRules } from "./rules.ts";

/** Of the place that is looked at. */
interface Place {
  readonly isRoot: boolean;
  readonly insideMeta: boolean;
  /** Why there may be no default here. */
  readonly noDefaults?: string;
}

export function validateKeywords(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  return validateAt(schema, path, { isRoot: true, insideMeta: false });
}

const metaFields: readonly string[] = ["metadata", "kind", "apiVersion"];

function validateAt(schema: JSONSchemaProps, path: FieldPath, place: Place): readonly FieldError[] {
  const inner: Place = { ...place, isRoot: false };
  const { additionalProperties, properties = {}, allOf = [], anyOf = [], oneOf = [], not, items } = schema;
  const any = typeof additionalProperties === "object" ? additionalProperties : undefined;
  const listed = ([["allOf", allOf], ["oneOf", oneOf], ["anyOf", anyOf]] as const).flatMap(([name, list]) =>
    list.flatMap((each, index) => validateAt(each, path.child(name).index(index), inner)));
  const within = [
    ...(any ? validateAt(any, path.child("additionalProperties"), place.insideMeta
      ? { ...inner, noDefaults: "inside additionalProperties applying to object metadata" } : inner) : []),
    ...Object.entries(properties).flatMap(([name, each]) =>
      validateAt(each, path.child("properties").key(name), ofProperty(schema, name, place))),
    ...(not ? validateAt(not, path.child("not"), inner) : []),
    ...listed,
    ...(items && !Array.isArray(items) ? validateAt(items as JSONSchemaProps, path.child("items"), inner) : []),
  ];
  return [
    ...validateOwn(schema, path, place),
    ...(additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0
      ? [forbiddenValue(path.child("additionalProperties"), "additionalProperties and properties are mutual exclusive")] : []),
    ...within, ...validateMergeKeywords(schema, path), ...validateRules(schema, path),
  ];
}

function ofProperty(schema: JSONSchemaProps, name: string, place: Place): Place {
  const isMeta = (place.isRoot || schema["x-kubernetes-embedded-resource"] === true) && metaFields.includes(name);
  const inner = { ...place, isRoot: false, insideMeta: place.insideMeta || isMeta };
  return place.isRoot && isMeta ? { ...inner, noDefaults: `in top-level ${name}` } : inner;
}

const types = ["array", "boolean", "integer", "number", "object", "string"];

function validateOwn(schema: JSONSchemaProps, path: FieldPath, { insideMeta, noDefaults }: Place): readonly FieldError[] {
  const { type = "", id, additionalItems, patternProperties = {}, definitions = {}, dependencies, $ref, items, uniqueItems } = schema;
  const forbid = (name: string, isSet: boolean, detail = `${name} is not supported`): readonly FieldError[] =>
    (isSet ? [forbiddenValue(path.child(name), detail)] : []);
  return [
    ...(type === "" || types.includes(type) ? [] : [notSupportedValue(path.child("type"), type, types)]),
    ...forbid("default", schema.default !== undefined && noDefaults !== undefined, `must not be set ${noDefaults}`),
    ...forbid("id", id !== undefined),
    ...forbid("additionalItems", additionalItems !== undefined),
    ...forbid("patternProperties", Object.keys(patternProperties).length > 0),
    ...forbid("definitions", Object.keys(definitions).length > 0),
    ...forbid("dependencies", dependencies !== undefined),
    ...forbid("$ref", $ref !== undefined),
    ...forbid("type", type === "null", "type cannot be set to null, use nullable as an alternative"),
    ...forbid("items", Array.isArray(items) && items.length > 0, "items must be a schema object and not an array"),
    ...forbid(
      "x-kubernetes-embedded-resource", insideMeta && schema["x-kubernetes-embedded-resource"] === true, "must not be used inside of resource meta",
    ),
    ...forbid("uniqueItems", uniqueItems === true, "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"),
    ...(schema["x-kubernetes-preserve-unknown-fields"] === false
      ? [invalidValue(path.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined")] : []),
  ];
}
