import { describe, expect, it } from "vitest";
import { decoded, wrong } from "../testing/wrong.ts";
import { FlowSchema } from "./flow-schema.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "./mandatory.ts";
import { PriorityLevelConfiguration } from "./priority-level-configuration.ts";

const rule = {
  subjects: [{ kind: "User", user: { name: "jane" } }], resourceRules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"], namespaces: ["*"] }],
};
const schema = (more: object): object => ({ spec: { priorityLevelConfiguration: { name: "low" }, ...more } });
const first = "spec.rules[0]";

describe("a flow schema is refused", () => {
  it.each<[string, object, string]>([
    ["without a level", schema({ priorityLevelConfiguration: { name: "" } }), "spec.priorityLevelConfiguration.name: Required value: must reference a priority level"],
    ["before all others", schema({ matchingPrecedence: 1 }),
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ["after all others", schema({ matchingPrecedence: 10_001 }), "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"],
    ["of nobody", schema({ rules: [{ ...rule, subjects: [] }] }), `${first}.subjects: Required value: subjects must contain at least one value`],
    ["of somebody else", schema({ rules: [{ ...rule, subjects: [{ kind: "User", group: { name: "a" } }] }] }),
      `${first}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'`],
    ["for nothing", schema({ rules: [{ subjects: rule.subjects }] }),
      `${first}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`],
    ["for a path that is none", schema({ rules: [{ subjects: rule.subjects, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["a"] }] }] }),
      `${first}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash`],
  ])("%s", (_, fields, expected) => expect(wrong(FlowSchema, fields as never)).toContain(expected));
});

describe("a priority level is refused", () => {
  const limited = (limitResponse: object): object => ({ type: "Limited", limited: { limitResponse } });
  const at = "spec.limited.limitResponse.queuing";
  it.each<[string, object, string]>([
    ["that never waits", { type: "Exempt" }, "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if `name` is 'exempt'"],
    ["that does not say how much", { type: "Limited" }, "spec.limited: Required value: must not be empty when type is Limited"],
    ["that waits and does not say how", limited({ type: "Queue" }), `${at}: Required value: must not be empty if limited.limitResponse.type is Limited`],
    ["that does not wait and says how", limited({ type: "Reject", queuing: {} }), `${at}: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
    ["with more hands than queues", limited({ type: "Queue", queuing: { queues: 4, handSize: 5 } }),
      `${at}.handSize: Invalid value: 5: should not be greater than queues (4)`],
    ["with hands that cannot be dealt", limited({ type: "Queue", queuing: { queues: 1000, handSize: 10 } }),
      `${at}.handSize: Invalid value: 10: required entropy bits of deckSize 1000 and handSize 10 should not be greater than 60`],
  ])("%s", (_, spec, expected) => expect(wrong(PriorityLevelConfiguration, { spec })).toContain(expected));
});

it("what every cluster has is sound and may not become another", () => {
  for (const [name, spec] of mandatoryFlowSchemas) {
    expect(wrong(FlowSchema, { metadata: { name }, spec }), name).toEqual([]);
    expect(wrong(FlowSchema, { metadata: { name }, spec: { ...spec, matchingPrecedence: 5 } })[0]).toContain(`spec of '${name}' must equal the fixed value`);
  }
  for (const [name, spec] of mandatoryPriorityLevels) {
    expect(decoded(PriorityLevelConfiguration, { metadata: { name }, spec }).spec).toEqual(spec);
    expect(wrong(PriorityLevelConfiguration, { metadata: { name }, spec }), name).toEqual([]);
  }
});
