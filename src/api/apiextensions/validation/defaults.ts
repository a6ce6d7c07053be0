import { equal } from "#machinery/equality.ts";
import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import { FieldPath } from "#machinery/field-path.ts";
import { isDefault, type JsonSchema, schemaHas, schemaOfItems } from "#machinery/structural-schema/json-schema.ts";
import { prune } from "#machinery/structural-schema/prune.ts";
import { validateStructural } from "#machinery/structural-schema/validate.ts";
import { validateEmbedded } from "../embedded-resources.ts";

/** Defaults are what their own schema asks for, and hold nothing that it does not know. */
export function validateDefaults(schema: JsonSchema, path: FieldPath): readonly FieldError[] {
  if (!schemaHas(schema, (each) => isDefault(each.default))) return [];
  const items = schemaOfItems(schema);
  return [
    ...(isDefault(schema.default) ? validateDefault(schema, schema.default, path.child("default")) : []),
    ...(items ? validateDefaults(items, path.child("items")) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) => validateDefaults(each, path.child("properties").key(name))),
  ];
}

function validateDefault(schema: JsonSchema, value: unknown, path: FieldPath): readonly FieldError[] {
  const pruned = prune(value, schema, "", { unknown: () => undefined, metadata: (metadata) => metadata });
  const unknown = equal(pruned, value) ? [] : [invalidValue(path, value, "must not have unknown fields")];
  const embedded = validateEmbedded(schema, value, path);
  return [...unknown, ...(embedded.length > 0 ? embedded : validateStructural(schema, value).map((error) => below(path, error)))];
}

/** What is wrong below the default, at the place in the definition. */
export function below(path: FieldPath, error: FieldError): FieldError {
  return { ...error, field: error.field === String(FieldPath.root) ? String(path) : `${String(path)}.${error.field}` };
}
