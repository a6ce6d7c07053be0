import { duplicateValue, type FieldError, invalidValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { CustomResourceDefinitionVersion, SelectableField } from "../../generated/apiextensions-v1.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import { isProblem, placeIn } from "./field-place.ts";

const mostFields = 8;
const types: readonly (string | undefined)[] = ["string", "boolean", "integer"];

export function validateSelectableFields(
  fields: readonly SelectableField[], version: CustomResourceDefinitionVersion, path: FieldPath,
): readonly FieldError[] {
  if (!version.schema?.openAPIV3Schema) return [invalidValue(path, "", "selectableFields may only be set when validations.schema is included")];
  const schema = jsonSchemaOf(version);
  const seen = new Set<string>();
  const errors = fields.flatMap(({ jsonPath }, index) => {
    const at = path.index(index).child("jsonPath");
    if (jsonPath === "") return [requiredValue(at)];
    const place = placeIn(schema, jsonPath, false);
    if (isProblem(place)) return [invalidValue(at, jsonPath, `is an invalid path: ${place.problem}`)];
    const isDouble = seen.has(place.path);
    seen.add(place.path);
    return [
      ...(/^metadata\b/.test(place.path) ? [invalidValue(at, jsonPath, "must not point to fields in metadata")] : []),
      ...(types.includes(place.schema.type) ? [] : [invalidValue(
        at, jsonPath, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
      )]),
      ...(isDouble ? [duplicateValue(at, jsonPath)] : []),
    ];
  });
  return seen.size > mostFields ? [...errors, tooMany(path, seen.size, mostFields)] : errors;
}
