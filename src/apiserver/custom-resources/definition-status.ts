import { approvalCondition, approvalOf, isProtectedGroup } from "#api/apiextensions/approval.ts";
import { holdsTrue, withCondition, withoutCondition } from "#api/apiextensions/conditions.ts";
import type { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import { equal } from "#machinery/equality.ts";
import { decideNames } from "./names.ts";

/**
 * The definition with what is to be said of it now: which names it has got, and whether its kind is served (established), which it
 * stays once it was. The definition itself where nothing changes.
 *
 * @param others all other definitions of the same group @param now RFC 3339
 */
export function withStatus(
  definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[], now: string,
): CustomResourceDefinition {
  return withEstablished(withApproval(withNames(definition, others, now), now), now);
}

function withNames(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[], now: string): CustomResourceDefinition {
  const { acceptedNames, condition } = decideNames(definition, others);
  const { status } = definition;
  const named = equal(acceptedNames, status.acceptedNames) ? definition : { ...definition, status: { ...status, acceptedNames } };
  return withCondition(named, condition, now);
}

function withApproval(definition: CustomResourceDefinition, now: string): CustomResourceDefinition {
  if (!isProtectedGroup(definition.spec.group)) return withoutCondition(definition, "KubernetesAPIApprovalPolicyConformant");
  return withCondition(definition, approvalCondition(approvalOf(definition.metadata.annotations)), now);
}

function withEstablished(definition: CustomResourceDefinition, now: string): CustomResourceDefinition {
  if (holdsTrue(definition, "Established")) return definition;
  const accepted = holdsTrue(definition, "NamesAccepted");
  return withCondition(definition, accepted
    ? { type: "Established", status: "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted" }
    : { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" }, now);
}
