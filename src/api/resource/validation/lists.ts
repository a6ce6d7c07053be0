import { type FieldError, tooMany } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";

/** Each item of a list, which may have only so many. */
export function checkList<T>(
  items: readonly T[], most: number, path: FieldPath, check: (item: T, path: FieldPath) => readonly FieldError[],
): FieldError[] {
  if (items.length > most) return [tooMany(path, items.length, most)];
  return items.flatMap((item, index) => check(item, path.index(index)));
}
