import { type FieldError, forbiddenValue, invalidValue, notSupportedValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { LabelSelector } from "../../generated/meta-v1.ts";
import type { PodTemplateSpec } from "../../generated/core-v1.ts";
import { checkLabelSelector, selects } from "../../field-checks.ts";
import { validatePodTemplate } from "../../core/validation/pod-spec.ts";

/** A selector that selects something. @param owner as the message calls it */
export function validateSelector(selector: LabelSelector, owner: string, path: FieldPath): FieldError[] {
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  return [...checkLabelSelector(selector, path), ...(isEmpty ? [invalidValue(path, selector, `empty selector is invalid for ${owner}`)] : [])];
}

/** The template of a workload whose pods run for good, and that its selector has to select. @param owner as messages call it */
export function validateLastingTemplate(template: PodTemplateSpec, selector: LabelSelector, owner: string, path: FieldPath): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  const { labels } = template.metadata;
  const errors = selects(selector, labels) === false
    ? [invalidValue(path.child("metadata", "labels"), labels ?? null, "`selector` does not match template `labels`")] : [];
  errors.push(...validatePodTemplate(template, path));
  if (restartPolicy !== "Always") errors.push(notSupportedValue(path.child("spec", "restartPolicy"), restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenValue(path.child("spec", "activeDeadlineSeconds"), `activeDeadlineSeconds in ${owner} is not Supported`));
  }
  return errors;
}
