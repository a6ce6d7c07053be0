import type { FieldError } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import type { ReplicaSet } from "../../generated/apps-v1.ts";
import { checkNonNegative } from "../../field-checks.ts";
import { validateLastingTemplate, validateSelector } from "./pod-template.ts";
import { checkCounts, checkWithin } from "../../status-checks.ts";

const specPath = fieldPath("spec");

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...checkNonNegative(spec.minReadySeconds, specPath.child("minReadySeconds")),
    ...validateSelector(spec.selector, "deployment", specPath.child("selector")),
    ...validateLastingTemplate(spec.template, spec.selector, "ReplicaSet", specPath.child("template")),
  ];
}

export function validateReplicaSetStatus({ status }: ReplicaSet): FieldError[] {
  return [
    ...checkCounts(status, [
      "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas", "observedGeneration",
    ]),
    ...checkWithin(status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "replicas", "status.replicas"),
    ...checkWithin(status, ["availableReplicas"], "readyReplicas", "readyReplicas"),
  ];
}
