import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration } from "../generated/flowcontrol-v1.ts";

/** Everything that there is to ask for. */
const everything: Pick<PolicyRulesWithSubjects, "resourceRules" | "nonResourceRules"> = {
  resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] }],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};

/** Who belongs to a group, asking for anything. */
export function anythingFor(...groups: readonly string[]): PolicyRulesWithSubjects {
  return { subjects: groups.map((name) => ({ kind: "Group", group: { name } })), ...everything };
}

/** What these flow schemas say is fixed: they make sure that every request is sorted, and that administrators always get through. */
export const mandatoryFlowSchemas: ReadonlyMap<string, FlowSchema["spec"]> = new Map<string, FlowSchema["spec"]>([
  ["exempt", { matchingPrecedence: 1, priorityLevelConfiguration: { name: "exempt" }, rules: [anythingFor("system:masters")] }],
  ["catch-all", {
    matchingPrecedence: 10_000, priorityLevelConfiguration: { name: "catch-all" }, distinguisherMethod: { type: "ByUser" },
    rules: [anythingFor("system:unauthenticated", "system:authenticated")],
  }],
]);

/** Likewise of priority levels; of `exempt`, shares may change. */
export const mandatoryPriorityLevels: ReadonlyMap<string, PriorityLevelConfiguration["spec"]> = new Map<string, PriorityLevelConfiguration["spec"]>([
  ["exempt", { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }],
  ["catch-all", { type: "Limited", limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } } }],
]);
