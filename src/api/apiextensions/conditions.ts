import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "../generated/apiextensions-v1.ts";

export type ConditionType = "Established" | "NamesAccepted" | "NonStructuralSchema" | "Terminating" | "KubernetesAPIApprovalPolicyConformant";

/** Something that holds of a definition, or does not; since when, is found out. */
export interface NewCondition {
  readonly type: ConditionType;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export function conditionOf({ status }: CustomResourceDefinition, type: ConditionType): CustomResourceDefinitionCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

export function holdsTrue(definition: CustomResourceDefinition, type: ConditionType): boolean {
  return conditionOf(definition, type)?.status === "True";
}

/** The definition itself where it says so already. @param now RFC 3339 */
export function withCondition(definition: CustomResourceDefinition, condition: NewCondition, now: string): CustomResourceDefinition {
  const { conditions = [] } = definition.status;
  const old = conditionOf(definition, condition.type);
  if (old?.status === condition.status && old.reason === condition.reason && old.message === condition.message) return definition;
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  const next = { ...old, ...condition, lastTransitionTime };
  const all = old ? conditions.map((each) => (each === old ? next : each)) : [...conditions, next];
  return { ...definition, status: { ...definition.status, conditions: all } };
}

export function withoutCondition(definition: CustomResourceDefinition, type: ConditionType): CustomResourceDefinition {
  if (!conditionOf(definition, type)) return definition;
  const conditions = definition.status.conditions?.filter((condition) => condition.type !== type) ?? [];
  return { ...definition, status: { ...definition.status, conditions } };
}
