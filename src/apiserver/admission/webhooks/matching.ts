import type { RuleWithOperations } from "#api/generated/admissionregistration-v1.ts";
import type { AdmissionRequest } from "../admission.ts";

/** A resource as rules name it. */
export interface ResourceAddress {
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
}

export type MatchedRequest = Pick<AdmissionRequest, "operation" | "subresource" | "namespace"> & { readonly address: ResourceAddress };

/** Whether a rule is about such a request (API reference: admissionregistration/v1 RuleWithOperations). */
export function matchesRule(rule: RuleWithOperations, { operation, subresource = "", namespace, address }: MatchedRequest): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  return has(operations, operation) && has(apiGroups, address.group) && has(apiVersions, address.version)
    && matchesScope(scope, namespace, address) && resources.some((resource) => matchesResource(resource, address.resource, subresource));
}

function has(words: readonly string[], word: string): boolean {
  return words.includes("*") || words.includes(word);
}

/** `pods` is not `pods/log`; nor is `*`. */
function matchesResource(pattern: string, resource: string, subresource: string): boolean {
  const [plural = "", part = ""] = pattern.split("/", 2);
  return (plural === "*" || plural === resource) && (part === "*" || part === subresource);
}

/** A namespace itself is in none, though its requests carry its name. */
function matchesScope(scope: RuleWithOperations["scope"], namespace: string, { group, resource }: ResourceAddress): boolean {
  if (scope === "*") return true;
  const isWithin = namespace !== "" && !(group === "" && resource === "namespaces");
  return isWithin === (scope === "Namespaced");
}

const ownGroup = "admissionregistration.k8s.io";

/** What says who is asked cannot itself be held up by those who are asked: it could never be put right again. */
export function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.group === ownGroup;
}
