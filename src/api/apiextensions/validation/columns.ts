import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { CustomResourceColumnDefinition } from "../../generated/apiextensions-v1.ts";
import { validateSimplePath } from "./simple-path.ts";

const types = ["boolean", "date", "integer", "number", "string"];
const formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

export function validateColumns(columns: readonly CustomResourceColumnDefinition[], path: FieldPath): readonly FieldError[] {
  return columns.flatMap((column, index) => validateColumn(column, path.index(index)));
}

function validateColumn({ name, type, format = "", jsonPath }: CustomResourceColumnDefinition, path: FieldPath): readonly FieldError[] {
  const oneOf = (values: readonly string[]): string => `must be one of ${values.join(",")}`;
  return [
    ...(name === "" ? [requiredValue(path.child("name"))] : []),
    ...(type === "" ? [requiredValue(path.child("type"), oneOf(types))]
      : types.includes(type) ? [] : [invalidValue(path.child("type"), type, oneOf(types))]),
    ...(format === "" || formats.includes(format) ? [] : [invalidValue(path.child("format"), format, oneOf(formats))]),
    ...(jsonPath === "" ? [requiredValue(path.child("JSONPath"))] : validateSimplePath(jsonPath, path.child("JSONPath"))),
  ];
}
