import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { FieldPath } from "#machinery/field-path.ts";
import { isJsonObject, type JsonObject } from "#machinery/json.ts";
import { dns1035LabelProblems, pathSegmentProblems } from "#machinery/names.ts";
import { type JsonSchema, ownProperty, schemaHas, schemaOfAnyField, schemaOfItems } from "#machinery/structural-schema/json-schema.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";
import { validateMetadata } from "../object-meta.ts";

/** What is wrong with apiVersion, kind and metadata of objects within an object (x-kubernetes-embedded-resource). */
export function validateEmbedded(schema: JsonSchema, value: unknown, path: FieldPath = FieldPath.root): readonly FieldError[] {
  if (!hasEmbedded(schema)) return [];
  if (Array.isArray(value)) {
    const items = schemaOfItems(schema);
    return items ? value.flatMap((item, index) => validateEmbedded(items, item, path.index(index))) : [];
  }
  if (!isJsonObject(value)) return [];
  const any = schemaOfAnyField(schema);
  const within = Object.entries(value).flatMap(([name, field]) => {
    const own = ownProperty(schema, name);
    if (own) return validateEmbedded(own, field, path.child(name));
    return any ? validateEmbedded(any, field, path.key(name)) : [];
  });
  return schema["x-kubernetes-embedded-resource"] === true ? [...validateResource(value, path), ...within] : within;
}

const known = new WeakMap<JsonSchema, boolean>();

function hasEmbedded(schema: JsonSchema): boolean {
  let has = known.get(schema);
  if (has === undefined) known.set(schema, (has = schemaHas(schema, (each) => each["x-kubernetes-embedded-resource"] === true)));
  return has;
}

/** As an object on its own; its name may be missing, and its namespace says whether it has one. */
export function validateResource({ apiVersion, kind, metadata }: JsonObject, path: FieldPath): readonly FieldError[] {
  const errors: FieldError[] = [];
  const text = (value: unknown, name: string): string | undefined => {
    const at = path.child(name);
    if (value === undefined || value === "") errors.push(requiredValue(at));
    else if (typeof value !== "string") errors.push(invalidValue(at, value, "must be a string"));
    else return value;
    return undefined;
  };
  const group = text(apiVersion, "apiVersion");
  if (group !== undefined && group.split("/").length > 2) {
    errors.push(invalidValue(path.child("apiVersion"), group, `unexpected GroupVersion string: ${group}`));
  }
  const named = text(kind, "kind");
  const problems = named === undefined ? [] : dns1035LabelProblems(named.toLowerCase());
  if (problems.length > 0) {
    errors.push(invalidValue(path.child("kind"), named, `may have mixed case, but should otherwise match: ${problems.join(",")}`));
  }
  if (isJsonObject(metadata)) {
    const { name } = metadata;
    const whole = { ...metadata, name: typeof name === "string" && name !== "" ? name : "fakename" } as unknown as ObjectMeta;
    const namespaced = typeof metadata["namespace"] === "string" && metadata["namespace"] !== "";
    const found = validateMetadata(whole, { namespaced, validateName: (each) => pathSegmentProblems(each) });
    errors.push(...found.map((error) => ({ ...error, field: path === FieldPath.root ? error.field : `${String(path)}.${error.field}` })));
  }
  return errors;
}
