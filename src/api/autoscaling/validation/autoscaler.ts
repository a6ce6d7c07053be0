import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { compareQuantities } from "#machinery/quantity.ts";
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from "../../generated/autoscaling-v2.ts";
import { checkCounts } from "../../status-checks.ts";
import { validateMetric, validateReference } from "./metric.ts";

const specPath = fieldPath("spec");
const longestPeriodSeconds = 1800;
const longestWindowSeconds = 3600;
const selectPolicies = ["Disabled", "Max", "Min"];
const policyTypes = ["Percent", "Pods"];

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas, maxReplicas, metrics = [], behavior = {} } = spec;
  const maxPath = specPath.child("maxReplicas");
  const metricsPath = specPath.child("metrics");
  const scalesToZero = metrics.some(({ type }) => type === "Object" || type === "External");
  return [
    ...(maxReplicas < 1 ? [invalidValue(maxPath, maxReplicas, "must be greater than 0")] : []),
    ...(maxReplicas < minReplicas ? [invalidValue(maxPath, maxReplicas, "must be greater than or equal to `minReplicas`")] : []),
    ...validateReference(spec.scaleTargetRef, specPath.child("scaleTargetRef")),
    ...metrics.flatMap((metric, index) => validateMetric(metric, metricsPath.index(index))),
    ...(minReplicas === 0 && !scalesToZero
      ? [forbiddenValue(metricsPath, "must specify at least one Object or External metric to support scaling to zero replicas")] : []),
    ...validateRules(behavior.scaleUp, specPath.child("behavior", "scaleUp")),
    ...validateRules(behavior.scaleDown, specPath.child("behavior", "scaleDown")),
  ];
}

/** Upstream lets pods be scaled to none only behind a gate that is closed; objects that have it keep it. */
export function validateNewAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  return validateMinimum(spec.minReplicas, 1);
}

export function validateAutoscalerUpdate({ spec }: HorizontalPodAutoscaler, { spec: old }: HorizontalPodAutoscaler): FieldError[] {
  return validateMinimum(spec.minReplicas, old.minReplicas === 0 ? 0 : 1);
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return checkCounts(status, ["currentReplicas", "desiredReplicas"]);
}

function validateMinimum(minReplicas: number, minimum: number): FieldError[] {
  const path = specPath.child("minReplicas");
  return minReplicas < minimum ? [invalidValue(path, minReplicas, `must be greater than or equal to ${minimum}`)] : [];
}

function validateRules(rules: HPAScalingRules | undefined, path: FieldPath): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const [windowPath, policiesPath] = [path.child("stabilizationWindowSeconds"), path.child("policies")];
  return [
    ...(window < 0 ? [invalidValue(windowPath, window, "must be greater than or equal to zero")] : []),
    ...(window > longestWindowSeconds ? [invalidValue(windowPath, window, `must be less than or equal to ${longestWindowSeconds}`)] : []),
    ...(selectPolicy !== undefined && !selectPolicies.includes(selectPolicy)
      ? [notSupportedValue(path.child("selectPolicy"), selectPolicy, selectPolicies)] : []),
    ...(policies.length === 0 ? [requiredValue(policiesPath, "must specify at least one Policy")] : []),
    ...policies.flatMap((policy, index) => validatePolicy(policy, policiesPath.index(index))),
    ...(tolerance !== undefined && compareQuantities(tolerance, "0") < 0
      ? [invalidValue(path.child("tolerance"), tolerance, "must be greater than or equal to 0")] : []),
  ];
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: FieldPath): FieldError[] {
  const periodPath = path.child("periodSeconds");
  return [
    ...(policyTypes.includes(type) ? [] : [notSupportedValue(path.child("type"), type, policyTypes)]),
    ...(value <= 0 ? [invalidValue(path.child("value"), value, "must be greater than zero")] : []),
    ...(periodSeconds <= 0 ? [invalidValue(periodPath, periodSeconds, "must be greater than zero")] : []),
    ...(periodSeconds > longestPeriodSeconds
      ? [invalidValue(periodPath, periodSeconds, `must be less than or equal to ${longestPeriodSeconds}`)] : []),
  ];
}
