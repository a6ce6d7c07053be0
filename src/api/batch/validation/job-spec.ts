import { type FieldError, invalidValue, notSupportedValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { domainPrefixedPathProblems } from "#machinery/names.ts";
import { validatePodTemplate } from "../../core/validation/pod-spec.ts";
import { checkNonNegative, invalid } from "../../field-checks.ts";
import type { WrittenJobSpec } from "../written-job-spec.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy.ts";
import { validateSuccessPolicy } from "./success-policy.ts";

const mostParallelism = 100_000;
const mostFailedIndexes = 100_000;
/** From so many completions on, the texts of completed and failed indexes could become too long: less of other things is allowed. */
const manyCompletions = 100_000;
const mostWithManyCompletions = 10_000;
const longestManagedBy = 63;
const completionModes = ["Indexed", "NonIndexed"];
const replacementPolicies = ["Failed", "TerminatingOrFailed"];

/** What is wrong with a job's spec, be it a job's or in the template of a cron job. */
export function validateJobSpec(spec: WrittenJobSpec, path: FieldPath): FieldError[] {
  const counts = [
    "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
  ] as const;
  return [
    ...counts.flatMap((name) => checkNonNegative(spec[name], path.child(name))),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [requiredValue(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified")] : []),
    ...validateManagedBy(spec.managedBy, path.child("managedBy")),
    ...validateCompletionMode(spec, path),
    ...(spec.podFailurePolicy ? validatePodFailurePolicy(spec, spec.podFailurePolicy, path.child("podFailurePolicy")) : []),
    ...(spec.successPolicy ? validateSuccessPolicy(spec, spec.successPolicy, path.child("successPolicy")) : []),
    ...validateReplacementPolicy(spec, path.child("podReplacementPolicy")),
    ...validatePodTemplate(spec.template, path.child("template")),
    ...validateRestartPolicy(spec, path.child("template", "spec", "restartPolicy")),
  ];
}

function validateManagedBy(managedBy: string | undefined, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return [];
  const isLong = managedBy.length > longestManagedBy;
  return [...invalid(path, managedBy, domainPrefixedPathProblems(managedBy)), ...(isLong ? [tooLong(path, longestManagedBy)] : [])];
}

function validateCompletionMode(spec: WrittenJobSpec, path: FieldPath): FieldError[] {
  const { completionMode = "NonIndexed" } = spec;
  if (completionMode === "Indexed") return validateIndexed(spec, path);
  if (completionMode !== "NonIndexed") return [notSupportedValue(path.child("completionMode"), completionMode, completionModes.toReversed())];
  return (["backoffLimitPerIndex", "maxFailedIndexes"] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalidValue(path.child(name), spec[name], "requires indexed completion mode"));
}

function validateIndexed({ completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex }: WrittenJobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const failedPath = path.child("maxFailedIndexes");
  const refuseAbove = (name: "parallelism" | "maxFailedIndexes", value: number | undefined, limit: number, when: string): void => {
    if (value !== undefined && value > limit) errors.push(invalidValue(path.child(name), value, `must be less than or equal to ${limit}${when}`));
  };
  if (completions === undefined) errors.push(requiredValue(path.child("completions"), "when completion mode is Indexed"));
  refuseAbove("parallelism", parallelism, mostParallelism, " when completion mode is Indexed");
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.push(invalidValue(failedPath, maxFailedIndexes, "must be less than or equal to completions"));
  }
  refuseAbove("maxFailedIndexes", maxFailedIndexes, mostFailedIndexes, "");
  if (completions === undefined || completions <= manyCompletions || backoffLimitPerIndex === undefined) return errors;
  if (maxFailedIndexes === undefined) errors.push(requiredValue(failedPath, `must be specified when completions is above ${manyCompletions}`));
  const when = ` when completions are above ${manyCompletions} and used with backoff limit per index`;
  refuseAbove("parallelism", parallelism, mostWithManyCompletions, when);
  refuseAbove("maxFailedIndexes", maxFailedIndexes, mostWithManyCompletions, when);
  return errors;
}

function validateReplacementPolicy({ podReplacementPolicy: policy, podFailurePolicy }: WrittenJobSpec, path: FieldPath): FieldError[] {
  const supported = podFailurePolicy === undefined ? replacementPolicies : ["Failed"];
  return policy === undefined || supported.includes(policy) ? [] : [notSupportedValue(path, policy, supported)];
}

function validateRestartPolicy({ template: { spec: { restartPolicy } }, podFailurePolicy }: WrittenJobSpec, path: FieldPath): FieldError[] {
  // Always is what the template's default may have made of nothing.
  if (restartPolicy === "Always") return [requiredValue(path, 'valid values: "OnFailure", "Never"')];
  if (restartPolicy !== "OnFailure" && restartPolicy !== "Never") return [notSupportedValue(path, restartPolicy, ["OnFailure", "Never"])];
  if (podFailurePolicy === undefined || restartPolicy === "Never") return [];
  return [invalidValue(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
}
