import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { LabelSelector } from "../generated/meta-v1.ts";
import type { Deployment, DeploymentStrategy, ReplicaSet } from "../generated/apps-v1.ts";
import type { PodTemplateSpec } from "../generated/core-v1.ts";
import { checkCountOrPercent, checkLabelSelector, checkNonNegative, percentOf, selects } from "../field-checks.ts";
import { validatePodTemplate } from "../core/validation/pod-spec.ts";

const specPath = fieldPath("spec");
const selectorPath = specPath.child("selector");

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...checkNonNegative(spec.minReadySeconds, specPath.child("minReadySeconds")),
    ...validateSelectorAndTemplate(spec),
  ];
}

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  const deadlinePath = specPath.child("progressDeadlineSeconds");
  return [
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...validateSelectorAndTemplate(spec),
    ...validateStrategy(spec.strategy, specPath.child("strategy")),
    ...checkNonNegative(minReadySeconds, specPath.child("minReadySeconds")),
    ...checkNonNegative(spec.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
    ...checkNonNegative(deadline, deadlinePath),
    ...(deadline <= minReadySeconds ? [invalidValue(deadlinePath, deadline, "must be greater than minReadySeconds")] : []),
  ];
}

function validateSelectorAndTemplate({ selector, template }: { readonly selector: LabelSelector; readonly template: PodTemplateSpec }): FieldError[] {
  const errors = checkLabelSelector(selector, selectorPath);
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0) {
    errors.push(invalidValue(selectorPath, selector, "empty selector is invalid for deployment"));
  }
  return [...errors, ...validateTemplate(selector, template, specPath.child("template"))];
}

/** The template of a workload whose pods run for good. */
function validateTemplate(selector: LabelSelector, template: PodTemplateSpec, path: FieldPath): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  const { labels } = template.metadata;
  const errors = selects(selector, labels) === false
    ? [invalidValue(path.child("metadata", "labels"), labels ?? null, "`selector` does not match template `labels`")] : [];
  errors.push(...validatePodTemplate(template, path));
  if (restartPolicy !== "Always") errors.push(notSupportedValue(path.child("spec", "restartPolicy"), restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenValue(path.child("spec", "activeDeadlineSeconds"), "activeDeadlineSeconds in ReplicaSet is not Supported"));
  }
  return errors;
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, path: FieldPath): FieldError[] {
  const at = path.child("rollingUpdate");
  if (type === "Recreate") {
    return rollingUpdate === undefined ? [] : [forbiddenValue(at, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (rollingUpdate === undefined) return [requiredValue(at, "this should be defaulted and never be nil")];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const isZero = (value: number | string): boolean => value === 0 || percentOf(value) === 0;
  return [
    ...checkCountOrPercent(maxUnavailable, at.child("maxUnavailable")),
    ...checkCountOrPercent(maxSurge, at.child("maxSurge")),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [invalidValue(at.child("maxUnavailable"), maxUnavailable, "may not be 0 when `maxSurge` is 0")] : []),
    ...((percentOf(maxUnavailable) ?? 0) > 100 ? [invalidValue(at.child("maxUnavailable"), maxUnavailable, "must not be greater than 100%")] : []),
  ];
}
