import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { Deployment, DeploymentStrategy } from "../../generated/apps-v1.ts";
import { checkAtMostAll, checkCountOrPercent, checkNonNegative, isNothing } from "../../field-checks.ts";
import { validateLastingTemplate, validateSelector } from "./pod-template.ts";
import { checkCollisions, checkCounts, checkWithin } from "../../status-checks.ts";

const specPath = fieldPath("spec");

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  const deadlinePath = specPath.child("progressDeadlineSeconds");
  return [
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...validateSelector(spec.selector, "deployment", specPath.child("selector")),
    ...validateLastingTemplate(spec.template, spec.selector, "ReplicaSet", specPath.child("template")),
    ...validateStrategy(spec.strategy, specPath.child("strategy")),
    ...checkNonNegative(minReadySeconds, specPath.child("minReadySeconds")),
    ...checkNonNegative(spec.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
    ...checkNonNegative(deadline, deadlinePath),
    ...(deadline <= minReadySeconds ? [invalidValue(deadlinePath, deadline, "must be greater than minReadySeconds")] : []),
  ];
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, path: FieldPath): FieldError[] {
  const at = path.child("rollingUpdate");
  if (type === "Recreate") {
    return rollingUpdate === undefined ? [] : [forbiddenValue(at, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (rollingUpdate === undefined) return [requiredValue(at, "this should be defaulted and never be nil")];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  return [
    ...checkCountOrPercent(maxUnavailable, at.child("maxUnavailable")),
    ...checkCountOrPercent(maxSurge, at.child("maxSurge")),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge)
      ? [invalidValue(at.child("maxUnavailable"), maxUnavailable, "may not be 0 when `maxSurge` is 0")] : []),
    ...checkAtMostAll(maxUnavailable, at.child("maxUnavailable")),
  ];
}

export function validateDeploymentStatus({ status }: Deployment, { status: old }: Deployment): FieldError[] {
  return [
    ...checkCounts(status, [
      "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas",
      "collisionCount",
    ]),
    ...checkWithin(status, ["updatedReplicas", "readyReplicas", "availableReplicas"], "replicas", "status.replicas"),
    ...checkWithin(status, ["availableReplicas"], "readyReplicas", "readyReplicas"),
    ...checkCollisions(status, old),
  ];
}
