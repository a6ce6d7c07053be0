import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { type LabelSelectorObject, SelectorError, selectorFromObject } from "#machinery/label-selectors.ts";
import { type NameCheck, labelValueProblems, percentProblems, qualifiedNameProblems, rangeProblems } from "#machinery/names.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { immutableDetail } from "./object-meta.ts";

/** The usual questions about one field each; every one answers with what is wrong, or with an empty list. */
export type Errors = readonly FieldError[];

export const nonNegativeDetail = "must be greater than or equal to 0";

export function invalid(path: FieldPath, value: unknown, problems: readonly string[]): FieldError[] {
  return problems.map((problem) => invalidValue(path, value, problem));
}

export function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === "";
}

export function checkPresent(value: string | undefined, path: FieldPath, detail = ""): FieldError[] {
  return isEmpty(value) ? [requiredValue(path, detail)] : [];
}

/** A name that has to be there. */
export function checkName(value: string | undefined, path: FieldPath, check: NameCheck): FieldError[] {
  return value === undefined || value === "" ? [requiredValue(path)] : invalid(path, value, check(value));
}

/** A name that may be absent. */
export function checkOptionalName(value: string | undefined, path: FieldPath, check: NameCheck): FieldError[] {
  return value === undefined || value === "" ? [] : invalid(path, value, check(value));
}

export function checkNonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, nonNegativeDetail)] : [];
}

export function checkRange(value: number | undefined, minimum: number, maximum: number, path: FieldPath): FieldError[] {
  return value === undefined ? [] : invalid(path, value, rangeProblems(value, minimum, maximum));
}

/** Each key that was there before is told at the later place; `undefined` keys do not count. */
export function checkDistinct<T>(items: readonly T[], keyOf: (item: T) => string | undefined, where: (index: number) => FieldPath): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined || key === "") return [];
    if (seen.has(key)) return [duplicateValue(where(index), key)];
    seen.add(key);
    return [];
  });
}

export function checkUnchanged(value: unknown, old: unknown, path: FieldPath): FieldError[] {
  return semanticallyEqual(value, old) ? [] : [invalidValue(path, value ?? null, immutableDetail)];
}

/** The selector of meta/v1: keys, operators and values. */
export function checkLabelSelector(selector: LabelSelectorObject | undefined, path: FieldPath): FieldError[] {
  const labels = Object.entries(selector?.matchLabels ?? {}).flatMap(([key, value]) => [
    ...invalid(path.child("matchLabels"), key, qualifiedNameProblems(key)),
    ...invalid(path.child("matchLabels"), value, labelValueProblems(value ?? "")),
  ]);
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const at = path.child("matchExpressions").index(index);
    const needsValues = operator === "In" || operator === "NotIn";
    return [
      ...(needsValues && values.length === 0 ? [requiredValue(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'")] : []),
      ...(!needsValues && values.length > 0
        ? [forbiddenValue(at.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []),
      ...invalid(at.child("key"), key, qualifiedNameProblems(key)),
      ...values.flatMap((value, valueIndex) => invalid(at.child("values").index(valueIndex), value, labelValueProblems(value))),
    ];
  });
  return [...labels, ...expressions];
}

/** Whether labels are selected; `undefined` when the selector is not sound. */
export function selects(selector: LabelSelectorObject | undefined, labels: { readonly [key: string]: string } | undefined): boolean | undefined {
  try {
    return selectorFromObject(selector).matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** A count, or a percentage such as `25%`. */
export function checkCountOrPercent(value: number | string | undefined, path: FieldPath): FieldError[] {
  if (typeof value === "string") return invalid(path, value, percentProblems(value));
  return checkNonNegative(value, path);
}

/** The number in front of a percent sign; `undefined` for anything else. */
export function percentOf(value: number | string | undefined): number | undefined {
  return typeof value === "string" && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** A count of 0, or 0 percent. */
export function isNothing(value: number | string | undefined): boolean {
  return value === 0 || percentOf(value) === 0;
}

export function checkAtMostAll(value: number | string | undefined, path: FieldPath): FieldError[] {
  return (percentOf(value) ?? 0) > 100 ? [invalidValue(path, value, "must not be greater than 100%")] : [];
}
