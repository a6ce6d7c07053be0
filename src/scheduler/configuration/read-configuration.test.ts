import { describe, expect, test } from "vitest";
import type { Profile } from "../profile.ts";
import { defaultProfile } from "../profile.ts";
import { node, pod, TestCluster } from "../testing/cluster.ts";
import { readConfiguration } from "./read-configuration.ts";

const head = { apiVersion: "kubescheduler.config.k8s.io/v1", kind: "KubeSchedulerConfiguration" };

function read(fields: object = {}): ReturnType<typeof readConfiguration> {
  return readConfiguration({ ...head, ...fields });
}

function profile(fields: object): Profile {
  return read({ profiles: [fields] }).profiles[0]!;
}

const names = ({ plugins }: Profile): string[] => plugins.map(({ plugin }) => plugin.name);

test("an empty file means what goes without one", () => {
  const { profiles, firstBackoffMilliseconds, longestBackoffMilliseconds, extenders } = read();
  expect(profiles.map(({ name }) => name)).toEqual(["default-scheduler"]);
  expect(profiles[0]?.plugins.map(({ plugin, weight }) => [plugin.name, weight])).toEqual(
    defaultProfile.plugins.map(({ plugin, weight }) => [plugin.name, weight]),
  );
  expect([firstBackoffMilliseconds, longestBackoffMilliseconds, extenders]).toEqual([1000, 10_000, []]);
});

describe("plugins", () => {
  test("are taken away everywhere, or at one point", () => {
    expect(names(profile({ plugins: { multiPoint: { disabled: [{ name: "ImageLocality" }] } } }))).not.toContain("ImageLocality");
    const { plugin } = profile({ plugins: { score: { disabled: [{ name: "NodeResourcesFit" }] } } }).plugins.find((one) => one.plugin.name === "NodeResourcesFit")!;
    expect([plugin.score, typeof plugin.filter]).toEqual([undefined, "function"]);
  });

  test("are all taken away, and some brought back", () => {
    const enabled = [{ name: "PrioritySort" }, { name: "NodeName" }, { name: "DefaultBinder" }];
    expect(names(profile({ plugins: { multiPoint: { disabled: [{ name: "*" }], enabled } } }))).toEqual(["PrioritySort", "NodeName", "DefaultBinder"]);
  });

  test("get weights", () => {
    const heavy = profile({ plugins: { score: { enabled: [{ name: "NodeAffinity", weight: 7 }] } } });
    expect(heavy.plugins.find(({ plugin }) => plugin.name === "NodeAffinity")?.weight).toBe(7);
  });
});

describe("settings", () => {
  const place = (pluginConfig: object[]): string => {
    const cluster = new TestCluster().with(node("full"), pod({}, { cpu: "2", memory: "4Gi" })).with(node("empty"));
    cluster.profile = profile({ pluginConfig });
    return cluster.place(pod({}, { cpu: "1", memory: "1Gi" }));
  };

  test.each<[string, object, string]>([
    ["the emptiest", { type: "LeastAllocated" }, "empty"],
    ["the fullest", { type: "MostAllocated" }, "full"],
    ["as the shape says", {
      type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape: [{ utilization: 0, score: 0 }, { utilization: 100, score: 10 }] },
    }, "full"],
  ])("NodeResourcesFit likes %s", (_what, scoringStrategy, best) => {
    expect(place([{ name: "NodeResourcesFit", args: { scoringStrategy } }])).toBe(best);
  });

  test("NodeResourcesFit leaves out what others look after", () => {
    const cluster = new TestCluster().with(node("a"));
    cluster.profile = profile({ pluginConfig: [{ name: "NodeResourcesFit", args: { ignoredResourceGroups: ["example.com"] } }] });
    expect(cluster.place(pod({}, { "example.com/gpu": "1" }))).toBe("a");
  });

  test("what extenders look after alone is left out too", () => {
    const cluster = new TestCluster().with(node("a"));
    const managedResources = [{ name: "example.com/gpu", ignoredByScheduler: true }];
    cluster.profile = read({ extenders: [{ urlPrefix: "http://x", filterVerb: "f", managedResources }] }).profiles[0]!;
    expect(cluster.place(pod({}, { "example.com/gpu": "1" }))).toBe("a");
  });

  test("NodeAffinity may ask for nodes on every pod's behalf", () => {
    const terms = [{ matchExpressions: [{ key: "pool", operator: "In", values: ["blue"] }] }];
    const addedAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
    const cluster = new TestCluster().with(node("a")).with(node("b", {}, { labels: { pool: "blue" } }));
    cluster.profile = profile({ pluginConfig: [{ name: "NodeAffinity", args: { addedAffinity } }] });
    expect(cluster.place(pod())).toBe("b");
    cluster.state.removeNode("b");
    expect(cluster.place(pod())).toContain("1 node(s) didn't match scheduler-enforced node affinity.");
  });
});

const args = (name: string, given: object): object => ({ profiles: [{ pluginConfig: [{ name, args: given }] }] });
const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" };

test.each<[string, object, string]>([
  ["another kind", { kind: "Pod" }, 'no kind "Pod" is registered for version "kubescheduler.config.k8s.io/v1"'],
  ["an unknown field", { profilez: [] }, 'strict decoding error: unknown field "profilez"'],
  ["a percentage beyond 100", { percentageOfNodesToScore: 101 }, "percentageOfNodesToScore"],
  ["a back-off that shrinks", { podInitialBackoffSeconds: 5, podMaxBackoffSeconds: 1 }, "podMaxBackoffSeconds: Invalid value: 1: must be greater than or equal to PodInitialBackoffSeconds"],
  ["profiles of one name", { profiles: [{ schedulerName: "a" }, { schedulerName: "a" }] }, 'profiles[1].schedulerName: Duplicate value: "a"'],
  ["a profile without a name", { profiles: [{ schedulerName: "a" }, {}] }, "profiles[1].schedulerName: Required value"],
  ["an unknown plugin", { profiles: [{ plugins: { filter: { enabled: [{ name: "Nope" }] } } }] }, 'profiles[0].plugins.filter.enabled[0]: Invalid value: "Nope": Nope does not exist'],
  ["settings of an unknown plugin", { profiles: [{ pluginConfig: [{ name: "Nope" }] }] }, "profiles[0].pluginConfig[0].name"],
  ["unknown settings", { profiles: [{ pluginConfig: [{ name: "InterPodAffinity", args: { x: 1 } }] }] }, 'InterPodAffinityArgs: strict decoding error: unknown field "x"'],
  ["no bounds for preemption", args("DefaultPreemption", { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }),
    "args.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage"],
  ["constraints beside the usual ones", args("PodTopologySpread", { defaultConstraints: [constraint] }),
    'args.defaultingType: Invalid value: "System": when .defaultConstraints are not empty'],
  ["a constraint with a selector", args("PodTopologySpread", { defaultingType: "List", defaultConstraints: [{ ...constraint, labelSelector: {} }] }),
    "args.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod"],
  ["a constraint twice", args("PodTopologySpread", { defaultingType: "List", defaultConstraints: [constraint, { ...constraint, maxSkew: 2 }] }),
    'args.defaultConstraints[1]: Duplicate value: "{zone, DoNotSchedule}"'],
  ["a constraint that nothing satisfies", args("PodTopologySpread", { defaultingType: "List", defaultConstraints: [{ ...constraint, maxSkew: 0 }] }),
    "args.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range [1, inf)"],
  ["a group with a slash", args("NodeResourcesFit", { ignoredResourceGroups: ["a/b"] }), `args.ignoredResourceGroups[0]: Invalid value: "a/b": resource group name can't contain '/'`],
  ["a shape without points", args("NodeResourcesFit", { scoringStrategy: { type: "RequestedToCapacityRatio" } }),
    "args.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified"],
  ["a shape that goes back", args("NodeResourcesFit", {
    scoringStrategy: { type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape: [{ utilization: 50, score: 1 }, { utilization: 20, score: 2 }] } },
  }), "shape[1].utilization: Invalid value: 20: utilization values must be sorted in increasing order"],
  ["weights where there are none", args("NodeResourcesBalancedAllocation", { resources: [{ name: "cpu", weight: 2 }] }), "args.resources[0].weight: Invalid value: 2: must be 1"],
  ["nobody who binds", { profiles: [{ plugins: { bind: { disabled: [{ name: "*" }] } } }] }, 'at least one bind plugin is needed for profile with scheduler name "default-scheduler"'],
  ["no order", { profiles: [{ plugins: { queueSort: { disabled: [{ name: "*" }] } } }] }, "only one queue sort plugin required for profile"],
  ["an extender for processors", { extenders: [{ urlPrefix: "http://x", managedResources: [{ name: "cpu" }] }] },
    'extenders[0].managedResources[0]: Invalid value: "cpu": is an invalid extended resource name'],
  ["a resource of two extenders", { extenders: [{ urlPrefix: "http://x", managedResources: [{ name: "a.com/b" }] }, { urlPrefix: "http://y", managedResources: [{ name: "a.com/b" }] }] },
    "duplicate extender managed resource name"],
  ["an extender without a weight", { extenders: [{ urlPrefix: "http://x", prioritizeVerb: "p" }] }, "extenders[0].weight: Invalid value: 0: must have a positive weight applied to it"],
  ["two extenders that bind", { extenders: [{ urlPrefix: "http://x", bindVerb: "b" }, { urlPrefix: "http://y", bindVerb: "b" }] }, "only one extender can implement bind"],
])("%s is refused", (_what, fields, message) => expect(() => read(fields)).toThrow(message));
