import { describe, expect, it } from "vitest";
import { decoded, wrong, wrongUpdate } from "../testing/wrong.ts";
import { LimitRange } from "./limit-range.ts";
import { ResourceQuota } from "./resource-quota.ts";

const limits = (item: object): { spec: object } => ({ spec: { limits: [{ type: "Container", ...item }] } });
const quota = (spec: object): { spec: object } => ({ spec });

describe("a limit range", () => {
  it("fills in for containers what follows from what it says", () => {
    const { spec } = decoded(LimitRange, limits({ max: { cpu: "2", memory: "1Gi" }, min: { cpu: "100m", storage: "1" }, default: { cpu: "1" } }));
    expect(spec.limits[0]).toMatchObject({ default: { cpu: "1", memory: "1Gi" }, defaultRequest: { cpu: "1", memory: "1Gi", storage: "1" } });
  });

  it.each<[string, object, string]>([
    ["two items of a type", { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } }, 'spec.limits[1].type: Duplicate value: "Pod"'],
    ["an unknown type", limits({ type: "Node" }), 'spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified'],
    ["defaults of pods", limits({ type: "Pod", default: { cpu: "1" } }), "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ["more at least than at most", limits({ min: { cpu: "2" }, max: { cpu: "1" } }),
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ["a default above the maximum", limits({ default: { cpu: "2" }, max: { cpu: "1" } }),
      'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1'],
    ["a ratio below one", limits({ maxLimitRequestRatio: { cpu: "800m" } }),
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "800m": ratio 800m is less than 1'],
    ["a ratio that cannot be reached", limits({ maxLimitRequestRatio: { cpu: "3" }, min: { cpu: "1" }, max: { cpu: "2" } }),
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
    ["claims without bounds", limits({ type: "PersistentVolumeClaim" }),
      "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"],
  ])("is refused with %s", (_, fields, expected) => expect(wrong(LimitRange, fields as never)).toContain(expected));

  it("may be empty", () => expect(wrong(LimitRange, { spec: {} })).toEqual([]));
});

describe("a quota", () => {
  it.each<[string, object, string]>([
    ["an unknown resource", { hard: { beans: "1" } }, 'spec.hard[beans]: Invalid value: "beans": must be a standard resource for quota'],
    ["half a pod", { hard: { pods: "500m" } }, 'spec.hard[pods]: Invalid value: "500m": must be an integer'],
    ["less than nothing", { hard: { cpu: "-1" } }, 'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ["an unknown scope", { scopes: ["Lazy"] }, 'spec.scopes: Invalid value: ["Lazy"]: unsupported scope'],
    ["a scope of pods for what is none", { hard: { secrets: "1" }, scopes: ["Terminating"] },
      'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ["two scopes that exclude each other", { scopes: ["BestEffort", "NotBestEffort"] },
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ["a selector without values", { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } },
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"],
  ])("is refused with %s", (_, spec, expected) => expect(wrong(ResourceQuota, quota(spec))).toContain(expected));

  it("keeps its scopes", () => {
    expect(wrongUpdate(ResourceQuota, quota({ scopes: ["BestEffort"] }), quota({ scopes: ["Terminating"] }))).toEqual([
      'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
    ]);
    expect(wrongUpdate(ResourceQuota, quota({ hard: { pods: "1" } }), quota({ hard: { pods: "2", "count/jobs.batch": "1" } }))).toEqual([]);
  });

  it("shows what is used of what it limits", () => {
    const object = { ...decoded(ResourceQuota, {}), status: { hard: { pods: "5", "limits.cpu": "2", cpu: "1" }, used: { pods: "1", "limits.cpu": "500m" } } };
    expect((ResourceQuota.columns ?? []).slice(0, 2).map(({ value }) => value(object, 0))).toEqual(["cpu: 0/1, pods: 1/5", "limits.cpu: 500m/2"]);
  });
});
