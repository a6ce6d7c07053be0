import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { DaemonSet, DaemonSetUpdateStrategy } from "../../generated/apps-v1.ts";
import { checkAtMostAll, checkCountOrPercent, checkNonNegative, isNothing } from "../../field-checks.ts";
import { validateLastingTemplate, validateSelector } from "./pod-template.ts";
import { checkCollisions, checkCounts } from "../../status-checks.ts";

const specPath = fieldPath("spec");

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateSelector(spec.selector, "daemonset", specPath.child("selector")),
    ...validateLastingTemplate(spec.template, spec.selector, "DaemonSet", specPath.child("template")),
    ...checkNonNegative(spec.minReadySeconds, specPath.child("minReadySeconds")),
    ...validateUpdateStrategy(spec.updateStrategy, specPath.child("updateStrategy", "rollingUpdate")),
    ...checkNonNegative(spec.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
  ];
}

/** Old pods go before new ones come, or the other way round: one of the two, for otherwise nothing or too much could be done. */
function validateUpdateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, path: FieldPath): FieldError[] {
  if (type !== "RollingUpdate") return [];
  if (rollingUpdate === undefined) return [requiredValue(path)];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const [unavailablePath, surgePath] = [path.child("maxUnavailable"), path.child("maxSurge")];
  return [
    ...checkCountOrPercent(maxUnavailable, unavailablePath),
    ...checkCountOrPercent(maxSurge, surgePath),
    ...checkAtMostAll(maxUnavailable, unavailablePath),
    ...checkAtMostAll(maxSurge, surgePath),
    ...(!isNothing(maxUnavailable) && !isNothing(maxSurge)
      ? [invalidValue(surgePath, maxSurge, "may not be set when maxUnavailable is non-zero")] : []),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge) ? [requiredValue(unavailablePath, "cannot be 0 when maxSurge is 0")] : []),
  ];
}

export function validateDaemonSetStatus({ status }: DaemonSet, { status: old }: DaemonSet): FieldError[] {
  return [
    ...checkCounts(status, [
      "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled",
      "numberAvailable", "numberUnavailable", "collisionCount",
    ]),
    ...checkCollisions(status, old),
  ];
}
