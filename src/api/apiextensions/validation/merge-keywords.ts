import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { isDefault } from "#machinery/structural-schema/json-schema.ts";
import type { JSONSchemaProps } from "../../generated/apiextensions-v1.ts";

/** What the schema says of how its lists and objects merge. */
export function validateMergeKeywords(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  return [...validateMapType(schema, path), ...validateListType(schema, path), ...validateListMap(schema, path)];
}

function validateMapType({ type = "", "x-kubernetes-map-type": mapType }: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  if (mapType === undefined) return [];
  return [
    ...needsType(type, "object", "x-kubernetes-map-type", path),
    ...(mapType === "atomic" || mapType === "granular" ? []
      : [notSupportedValue(path.child("x-kubernetes-map-type"), mapType, ["atomic", "granular"])]),
  ];
}

function needsType(type: string, wanted: string, keyword: string, path: FieldPath): readonly FieldError[] {
  const detail = `must be ${wanted} if ${keyword} is specified`;
  if (type === wanted) return [];
  return [type === "" ? requiredValue(path.child("type"), detail) : invalidValue(path.child("type"), type, detail)];
}

function validateListType(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  const { type = "", "x-kubernetes-list-type": listType, "x-kubernetes-list-map-keys": keys = [] } = schema;
  const at = path.child("x-kubernetes-list-type");
  const needsMap = "must be map if x-kubernetes-list-map-keys is non-empty";
  const keyless = keys.length === 0 || listType === "map" ? []
    : [listType === undefined ? requiredValue(at, needsMap) : invalidValue(at, listType, needsMap)];
  if (listType === undefined) return keyless;
  const wrongType = needsType(type, "array", "x-kubernetes-list-type", path);
  return [
    ...(wrongType.length > 0 ? wrongType : listType === "set" ? validateSetItems(itemsOf(schema), path.child("items")) : []),
    ...(["atomic", "set", "map"].includes(listType) ? [] : [notSupportedValue(at, listType, ["atomic", "set", "map"])]),
    ...keyless,
  ];
}

/** Items of a set are told apart as wholes. */
function validateSetItems(items: JSONSchemaProps | undefined, path: FieldPath): readonly FieldError[] {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  if (items?.type === "array") {
    const listType = items["x-kubernetes-list-type"] ?? "atomic";
    return listType === "atomic" ? [] : [invalidValue(path.child("x-kubernetes-list-type"), listType, detail)];
  }
  if (items?.type !== "object" || items["x-kubernetes-map-type"] === "atomic") return [];
  return [invalidValue(path.child("x-kubernetes-map-type"), items["x-kubernetes-map-type"] ?? null, detail)];
}

function validateListMap(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  const { "x-kubernetes-list-type": listType, "x-kubernetes-list-map-keys": keys = [] } = schema;
  const items = itemsOf(schema);
  const at = path.child("items");
  const nullable = (listType === "map" || listType === "set") && items?.nullable === true
    ? [forbiddenValue(at.child("nullable"), `cannot be nullable when x-kubernetes-list-type is ${listType}`)] : [];
  if (listType !== "map") return nullable;
  const keysPath = path.child("x-kubernetes-list-map-keys");
  return [
    ...(keys.length === 0 ? [requiredValue(keysPath, "must not be empty if x-kubernetes-list-type is map")] : []),
    ...(schema.items === undefined ? [requiredValue(at, "must have a schema if x-kubernetes-list-type is map")] : []),
    ...(items && items.type !== "object"
      ? [invalidValue(at.child("type"), items.type ?? "", "must be object if parent array's x-kubernetes-list-type is map")] : []),
    ...(items?.type === "object" ? keys.flatMap((key, index) => [
      ...validateKey(items, key, keys, at.child("properties").key(key), keysPath),
      ...(keys.indexOf(key) < index ? [invalidValue(keysPath, keys, "must not contain duplicate entries")] : []),
    ]) : []),
    ...nullable,
    ...(items ? keys.flatMap((key) => validateKeyPresence(items, key, at.child("properties").key(key))) : []),
  ];
}

function validateKey(items: JSONSchemaProps, key: string, keys: readonly string[], path: FieldPath, keysPath: FieldPath): readonly FieldError[] {
  const property = items.properties?.[key];
  if (!property) return [invalidValue(keysPath, keys, "entries must all be names of item properties")];
  if (property.type !== "array" && property.type !== "object") return [];
  return [invalidValue(path.child("type"), items.type ?? "", "must be a scalar type if parent array's x-kubernetes-list-type is map")];
}

function validateKeyPresence({ properties = {}, required = [] }: JSONSchemaProps, key: string, path: FieldPath): readonly FieldError[] {
  const property = properties[key];
  if (!property) return [];
  return [
    ...(required.includes(key) || isDefault(property.default) ? [] : [requiredValue(
      path.child("default"), "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
    )]),
    ...(property.nullable === true
      ? [forbiddenValue(path.child("nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable")] : []),
  ];
}

function itemsOf({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return items === undefined || Array.isArray(items) ? undefined : (items as JSONSchemaProps);
}
