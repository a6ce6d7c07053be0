import { type FieldError, invalidValue, requiredValue, tooLong, tooMany } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { SuccessPolicy, SuccessPolicyRule } from "../../generated/batch-v1.ts";
import { checkNonNegative } from "../../field-checks.ts";
import { countIndexes } from "../index-intervals.ts";
import type { WrittenJobSpec } from "../written-job-spec.ts";
import { checkIndexes } from "./indexes.ts";

const mostRules = 20;
const mostIndexBytes = 64 * 1024;

export function validateSuccessPolicy({ completionMode, completions = 0 }: WrittenJobSpec, policy: SuccessPolicy, path: FieldPath): FieldError[] {
  if (completionMode !== "Indexed") return [invalidValue(path, policy, "requires indexed completion mode")];
  const { rules } = policy;
  const at = path.child("rules");
  return [
    ...(rules.length === 0 ? [requiredValue(at, "at least one rules must be specified when the successPolicy is specified")] : []),
    ...(rules.length > mostRules ? [tooMany(at, rules.length, mostRules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, completions, at.index(index))),
  ];
}

function validateRule({ succeededIndexes, succeededCount }: SuccessPolicyRule, completions: number, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (succeededIndexes === undefined && succeededCount === undefined) {
    errors.push(requiredValue(path, "at least one of succeededCount or succeededIndexes must be specified"));
  }
  const indexesPath = path.child("succeededIndexes");
  if ((succeededIndexes ?? "").length > mostIndexBytes) errors.push(tooLong(indexesPath, mostIndexBytes));
  const indexes = checkIndexes(succeededIndexes ?? "", completions, "succeededIndexes", indexesPath);
  errors.push(...indexes.errors);
  if (succeededCount === undefined) return errors;
  const countPath = path.child("succeededCount");
  const refuseAbove = (limit: number, what: string): void => {
    if (succeededCount > limit) errors.push(invalidValue(countPath, succeededCount, `must be less than or equal to ${limit} (${what})`));
  };
  errors.push(...checkNonNegative(succeededCount, countPath));
  refuseAbove(completions, "the number of specified completions");
  if (succeededIndexes !== undefined) refuseAbove(countIndexes(indexes.intervals), "the number of indexes in the specified succeededIndexes field");
  return errors;
}
