import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { type IndexIntervals, IndexIntervalsError, parseIndexIntervals } from "../index-intervals.ts";

/** Reads completion indexes, or tells what is wrong with them. */
export function checkIndexes(
  text: string, completions: number, name: string, path: FieldPath,
): { readonly intervals: IndexIntervals; readonly errors: readonly FieldError[] } {
  try {
    return { intervals: parseIndexIntervals(text, completions), errors: [] };
  } catch (error) {
    if (!(error instanceof IndexIntervalsError)) throw error;
    return { intervals: [], errors: [invalidValue(path, text, `error parsing ${name}: ${error.message}`)] };
  }
}
