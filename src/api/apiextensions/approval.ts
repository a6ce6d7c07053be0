import type { NewCondition } from "./conditions.ts";

/** Says where the API of a group of Kubernetes' own was approved. */
export const approvedAnnotation = "api-approved.kubernetes.io";

export interface Approval {
  readonly state: "approved" | "bypassed" | "missing" | "invalid";
  readonly why: string;
}

/** Groups of Kubernetes' own, which nobody else may define without saying so. */
export function isProtectedGroup(group: string): boolean {
  return /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
}

export function approvalOf(annotations: { readonly [name: string]: string } = {}): Approval {
  const annotation = annotations[approvedAnnotation] ?? "";
  const needed = `protected groups must have approval annotation ${JSON.stringify(approvedAnnotation)}`;
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (annotation === "") return { state: "missing", why: `${needed}, ${see}` };
  if (annotation.startsWith("unapproved")) return { state: "bypassed", why: `not approved: ${JSON.stringify(annotation)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(annotation)) return { state: "approved", why: `approved in ${annotation}` };
  return { state: "invalid", why: `${needed} with either a URL or a reason starting with "unapproved", ${see}` };
}

const reasons = { approved: "ApprovedAnnotation", bypassed: "UnapprovedAnnotation", missing: "MissingAnnotation", invalid: "InvalidAnnotation" };

export function approvalCondition({ state, why }: Approval): NewCondition {
  return {
    type: "KubernetesAPIApprovalPolicyConformant", status: state === "approved" ? "True" : "False", reason: reasons[state], message: why,
  };
}
