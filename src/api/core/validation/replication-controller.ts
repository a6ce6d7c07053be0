import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { selectorFromLabels } from "#machinery/label-selectors.ts";
import type { PodTemplateSpec, ReplicationController } from "../../generated/core-v1.ts";
import { checkNonNegative } from "../../field-checks.ts";
import { checkCounts, checkWithin } from "../../status-checks.ts";
import { validatePodTemplate } from "./pod-spec.ts";

const specPath = fieldPath("spec");

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const templatePath = specPath.child("template");
  return [
    ...checkNonNegative(spec.minReadySeconds, specPath.child("minReadySeconds")),
    ...(Object.keys(spec.selector ?? {}).length === 0 ? [requiredValue(specPath.child("selector"))] : []),
    ...checkNonNegative(spec.replicas, specPath.child("replicas")),
    ...(spec.template === undefined ? [requiredValue(templatePath)] : validateTemplate(spec.template, spec.selector, templatePath)),
  ];
}

function validateTemplate(template: PodTemplateSpec, selector: ReplicationController["spec"]["selector"], path: FieldPath): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  const { labels } = template.metadata;
  return [
    ...(selectorFromLabels(selector).matches(labels)
      ? [] : [invalidValue(path.child("metadata", "labels"), labels ?? null, "`selector` does not match template `labels`")]),
    ...validatePodTemplate(template, path),
    ...(restartPolicy === "Always" ? [] : [notSupportedValue(path.child("spec", "restartPolicy"), restartPolicy, ["Always"])]),
    ...(activeDeadlineSeconds === undefined
      ? [] : [forbiddenValue(path.child("spec", "activeDeadlineSeconds"), "activeDeadlineSeconds in ReplicationController is not Supported")]),
  ];
}

export function validateReplicationControllerStatus({ status }: ReplicationController): FieldError[] {
  return [
    ...checkCounts(status, ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"]),
    ...checkWithin(status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "replicas", "status.replicas"),
    ...checkWithin(status, ["availableReplicas"], "readyReplicas", "readyReplicas"),
  ];
}
