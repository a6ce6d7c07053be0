import { type FieldError, invalidValue, notSupportedValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { PodDisruptionBudget } from "../generated/policy-v1.ts";
import { checkCountOrPercent, checkLabelSelector, percentOf } from "../field-checks.ts";
import { checkCounts } from "../status-checks.ts";

const specPath = fieldPath("spec");
const unhealthyPolicies = ["AlwaysAllow", "IfHealthyBudget"];

export function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  const policyPath = specPath.child("unhealthyPodEvictionPolicy");
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalidValue(specPath, spec, "minAvailable and maxUnavailable cannot be both set")] : []),
    ...checkShare(minAvailable, specPath.child("minAvailable")),
    ...checkShare(maxUnavailable, specPath.child("maxUnavailable")),
    ...checkLabelSelector(spec.selector, specPath.child("selector")),
    ...(policy === undefined || unhealthyPolicies.includes(policy) ? [] : [notSupportedValue(policyPath, policy, unhealthyPolicies)]),
  ];
}

function checkShare(value: number | string | undefined, path: FieldPath): FieldError[] {
  const tooMuch = (percentOf(value) ?? 0) > 100;
  return [...checkCountOrPercent(value, path), ...(tooMuch ? [invalidValue(path, value, "must not be greater than 100%")] : [])];
}

export function validateBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  return checkCounts(status, ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"]);
}
