import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";

export function validateSimplePath(text: string, path: FieldPath): readonly FieldError[] {
  if (text === "") return [invalidValue(path, text, "must not be empty")];
  return text.startsWith(".") ? [] : [invalidValue(path, text, "must be a simple json path starting with .")];
}

/** A path that begins in one of these places. @param detail what it should be */
export function validatePathBelow(text: string, places: readonly string[], detail: string, path: FieldPath): readonly FieldError[] {
  if (text === "") return [requiredValue(path)];
  const errors = validateSimplePath(text, path);
  if (errors.length > 0) return errors;
  return places.some((place) => text.startsWith(`${place}.`)) ? [] : [invalidValue(path, text, detail)];
}
