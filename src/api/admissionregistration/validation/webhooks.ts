import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1035LabelProblems, qualifiedDomainProblems } from "#machinery/names.ts";
import type { ValidatingWebhook } from "../../generated/admissionregistration-v1.ts";
import { checkDistinct, checkLabelSelector, invalid } from "../../field-checks.ts";
import { validateClientConfig } from "./client-config.ts";
import { validateMatchConditions } from "./expressions.ts";
import { validateRule } from "./rules.ts";

const webhooksPath = fieldPath("webhooks");
/** Versions of AdmissionReview that the server speaks. */
export const reviewVersions: readonly string[] = ["v1", "v1beta1"];

export function validateWebhooks(webhooks: readonly ValidatingWebhook[]): FieldError[] {
  return [
    ...webhooks.flatMap((webhook, index) => validateWebhook(webhook, webhooksPath.index(index))),
    ...checkDistinct(webhooks, ({ name }) => name, (index) => webhooksPath.index(index).child("name")),
  ];
}

function validateWebhook(webhook: ValidatingWebhook, path: FieldPath): FieldError[] {
  const { name, rules = [], timeoutSeconds, namespaceSelector, objectSelector, matchConditions = [] } = webhook;
  const namePath = path.child("name");
  return [
    ...(name === "" ? [requiredValue(namePath)] : invalid(namePath, name, qualifiedDomainProblems(name, 3))),
    ...rules.flatMap((rule, index) => validateRule(rule, path.child("rules").index(index))),
    ...validateReviewVersions(webhook.admissionReviewVersions, path.child("admissionReviewVersions")),
    ...(timeoutSeconds < 1 || timeoutSeconds > 30
      ? [invalidValue(path.child("timeoutSeconds"), timeoutSeconds, "the timeout value must be between 1 and 30 seconds")] : []),
    ...checkLabelSelector(namespaceSelector, path.child("namespaceSelector")),
    ...checkLabelSelector(objectSelector, path.child("objectSelector")),
    ...validateClientConfig(webhook.clientConfig, path.child("clientConfig")),
    ...validateMatchConditions(matchConditions, path.child("matchConditions")),
  ];
}

function validateReviewVersions(versions: readonly string[], path: FieldPath): FieldError[] {
  const known = reviewVersions.join(", ");
  if (versions.length === 0) return [requiredValue(path, `must specify one of ${known}`)];
  const seen = new Set<string>();
  const errors = versions.flatMap((version, index) => {
    const duplicate = seen.has(version) ? [invalidValue(path.index(index), version, "duplicate version")] : [];
    seen.add(version);
    return [...duplicate, ...invalid(path.index(index), version, dns1035LabelProblems(version))];
  });
  if (versions.some((version) => reviewVersions.includes(version))) return errors;
  return [...errors, invalidValue(path, versions, `must include at least one of ${known}`)];
}
