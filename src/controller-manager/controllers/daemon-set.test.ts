import { describe, expect, test } from "vitest";
import type { ControllerRevision } from "#api/apps/controller-revision.ts";
import type { DaemonSet } from "#api/apps/daemon-set.ts";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { PodSpec, Taint } from "#api/generated/core-v1.ts";
import type { Write } from "../controller.ts";
import { currentRevision } from "../revisions.ts";
import { aDaemonSet, aNode, aPod, at, epoch, ownedBy, type PodWish, templateOf } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { FailedPods } from "./daemon-set/failed-pods.ts";
import { placementsOf, specFor } from "./daemon-set/placement.ts";
import { daemonSetController } from "./daemon-set.ts";

const now = epoch + 1_000_000;
const set = aDaemonSet("log");
const controller = daemonSetController();

function revisionFor(of: DaemonSet, number: number): ControllerRevision {
  const { revision } = currentRevision(of, [], "controller-revision-hash");
  return { ...revision, metadata: { ...revision.metadata, uid: `uid-${revision.metadata.name}`, ownerReferences: ownedBy(of) }, revision: number };
}

const oldRevision = revisionFor(aDaemonSet("log", { spec: { template: templateOf("web:0") } }), 1);
const newRevision = revisionFor(set, 2);
const hashOf = ({ metadata }: ControllerRevision): string => metadata.labels!["controller-revision-hash"]!;

/** A pod of the set on a node, ready and of the newest template unless the wish says otherwise. */
function podOn(node: string, { metadata, ...wish }: PodWish = {}, name = `log-${node}`, revision = newRevision): Pod {
  const labels = { app: "web", "controller-revision-hash": hashOf(revision) };
  return aPod(name, { owner: set, node, readySince: 0, metadata: { labels, ...metadata }, ...wish });
}
const oldPodOn = (node: string, wish: PodWish = {}): Pod => podOn(node, wish, `old-${node}`, oldRevision);

interface Given {
  readonly nodes?: readonly Node[];
  readonly revisions?: readonly ControllerRevision[];
  readonly namesake?: ControllerRevision;
  readonly dueAt?: ReadonlyMap<string, number>;
}

const nodes = ["a", "b", "c"].map((name) => aNode(name));
const tainted = (name: string, effect: Taint["effect"]): Node => aNode(name, { spec: { taints: [{ key: "k", effect }] } });
const unready: PodWish = { readySince: undefined };
const leaving: PodWish = { metadata: { deletionTimestamp: at(900) } };

function reconcile(of: DaemonSet, candidates: readonly Pod[], { revisions = [newRevision], namesake, dueAt = new Map(), ...given }: Given = {}) {
  return controller.reconcile(of, { candidates, revisions, namesake, nodes: given.nodes ?? nodes, dueAt }, now);
}

/** `+a`: a pod for node a; `-log-a`: that pod deleted. */
function movesOf(of: DaemonSet, pods: readonly Pod[], given?: Given): string {
  const writes = (reconcile(of, pods, given).writes!.flat() as Write[]).filter(({ kind }) => kind.kind === "Pod");
  return writes.map((write) => {
    if (write.do === "delete") return `-${write.name}`;
    const { affinity } = (write as Write & { readonly object: Pod }).object.spec;
    return `+${affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms[0]!.matchFields![0]!.values![0]}`;
  }).join(" ");
}

test("every node gets a pod that is bound to it", () => {
  const generated = aDaemonSet("log", { metadata: { annotations: { "deprecated.daemonset.template.generation": "7" } } });
  expect(movesOf(generated, [])).toBe("+a +b +c");
  const [first] = (reconcile(generated, []).writes!.flat() as (Write & { readonly object: Pod })[]).filter(({ kind }) => kind.kind === "Pod");
  expect(first!.object.metadata).toMatchObject({
    generateName: "log-", labels: { app: "web", "controller-revision-hash": hashOf(newRevision), "pod-template-generation": "7" },
    ownerReferences: [{ kind: "DaemonSet", name: "log", controller: true }],
  });
});

describe("placement:", () => {
  const [gpu, plain] = [aNode("gpu", { metadata: { labels: { gpu: "yes" } } }), aNode("plain")];
  const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: "gpu", operator: "Exists" } as const] }] };
  const cases: readonly (readonly [string, Partial<PodSpec>, Node, string])[] = [
    ["any node", {}, plain, "runs"],
    ["a node with the label asked for", { nodeSelector: { gpu: "yes" } }, gpu, "runs"],
    ["a node without it", { nodeSelector: { gpu: "yes" } }, plain, "goes"],
    ["a node that the affinity asks for", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }, gpu, "runs"],
    ["a node that it does not", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }, plain, "goes"],
    ["another node than the named one", { nodeName: "gpu" }, plain, "goes"],
    ["a node that takes no new pods", {}, tainted("n", "NoSchedule"), "stays"],
    ["a node that throws pods out", {}, tainted("n", "NoExecute"), "goes"],
    ["a node that would rather not", {}, tainted("n", "PreferNoSchedule"), "runs"],
    ["a node whose taint is tolerated", { tolerations: [{ key: "k", operator: "Exists" }] }, tainted("n", "NoExecute"), "runs"],
    ["a node in trouble", {}, aNode("n", { spec: { taints: [
      { key: "node.kubernetes.io/unreachable", effect: "NoExecute" }, { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
      { key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" },
    ] } }), "runs"],
    ["a node without network", {}, aNode("n", { spec: { taints: [{ key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" }] } }), "stays"],
    ["the same, in the host's network", { hostNetwork: true },
      aNode("n", { spec: { taints: [{ key: "node.kubernetes.io/network-unavailable", effect: "NoSchedule" }] } }), "runs"],
  ];
  test.each(cases)("%s", (_, spec, node, placement) => {
    const template = templateOf();
    expect(placementsOf(aDaemonSet("log", { spec: { template: { ...template, spec: { ...template.spec, ...spec } } } }))(node)).toBe(placement);
  });

  test("the node takes the place of what the affinity requires, and its preferences stay", () => {
    const preferredDuringSchedulingIgnoredDuringExecution = [{ weight: 1, preference: {} }];
    const spec = { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } } };
    expect(specFor("a", spec as unknown as PodSpec).affinity!.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }] },
      preferredDuringSchedulingIgnoredDuringExecution,
    });
  });
});

describe("a pod", () => {
  const meant = aPod("log-x", { owner: set, spec: specFor("x", templateOf().spec), metadata: { labels: podOn("x").metadata.labels! } });
  const cases: readonly (readonly [string, readonly Pod[], readonly Node[], string])[] = [
    ["on its way out is waited for", [podOn("a", leaving)], [nodes[0]!], ""],
    ["too many on a node goes, the youngest first", [podOn("a"), podOn("a", { metadata: { labels: podOn("a").metadata.labels!, creationTimestamp: at(5) } }, "late")], [nodes[0]!], "-late"],
    ["that failed goes, so that another can come", [podOn("a", { phase: "Failed" })], [nodes[0]!], "-log-a"],
    ["that ended well does too", [podOn("a", { phase: "Succeeded" })], [nodes[0]!], "-log-a"],
    ["stays on a node that takes no new ones", [podOn("n")], [tainted("n", "NoSchedule")], ""],
    ["leaves a node that it is not meant for", [podOn("n")], [tainted("n", "NoExecute")], "-log-n"],
    ["that waits for a node that is gone goes", [meant], [], "-log-x"],
  ];
  test.each(cases)("%s", (_, pods, there, moves) => expect(movesOf(set, pods, { nodes: there })).toBe(moves));

  test("that fails again and again is replaced ever more slowly", () => {
    const failed = podOn("a", { phase: "Failed" });
    const outcome = reconcile(set, [failed], { nodes: [nodes[0]!], dueAt: new Map([[failed.metadata.uid, now + 4000]]) });
    expect([deedsOf(outcome), outcome.requeueAfterMilliseconds]).toEqual([[], 4000]);
    const failures = new FailedPods();
    const made = (uid: string, seconds: number): Pod => podOn("a", { metadata: { uid, creationTimestamp: at(seconds) } });
    const delays = [made("1", 0), made("1", 0), made("2", 1), made("3", 3), made("4", 7)].map((pod) => failures.delay("default/log", 1, "a", pod));
    expect(delays).toEqual([0, 0, 1000, 2000, 4000]);
    expect(failures.delay("default/log", 1, "b", made("5", 8))).toBe(0);
    expect(failures.delay("default/log", 2, "a", made("6", 9))).toBe(0);
    expect(failures.delay("default/log", 2, "a", made("7", 10))).toBe(1000);
    expect(failures.delay("default/log", 2, "a", made("8", 2000))).toBe(0);
  });
});

describe("a new template", () => {
  const strategy = (rollingUpdate: object): DaemonSet => aDaemonSet("log", { spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate } } });
  const surging = strategy({ maxSurge: 1, maxUnavailable: 0 });
  const both = { revisions: [oldRevision, newRevision] };
  const olds = [oldPodOn("a"), oldPodOn("b"), oldPodOn("c")];
  const cases: readonly (readonly [string, DaemonSet, readonly Pod[], string])[] = [
    ["replaces as many pods as may be unavailable", set, olds, "-old-a"],
    ["waits until the new pod is available", set, [podOn("a", unready), olds[1]!, olds[2]!], ""],
    ["waits for an old pod to go", set, [oldPodOn("a", leaving), olds[1]!, olds[2]!], ""],
    ["goes on then", set, [podOn("a"), olds[1]!, olds[2]!], "-old-b"],
    ["replaces what does not run anyway", set, [oldPodOn("a", unready), olds[1]!, oldPodOn("c", unready)], "-old-a -old-c"],
    ["rounds a percentage up", strategy({ maxUnavailable: "50%", maxSurge: 0 }), olds, "-old-a -old-b"],
    ["waits for somebody to delete pods where that is asked for", aDaemonSet("log", { spec: { updateStrategy: { type: "OnDelete" } } }), olds, ""],
    ["comes beside the old pod where there may be two", surging, olds, "+a"],
    ["waits for the new pod there", surging, [...olds, podOn("a", unready)], ""],
    ["takes over when that is available", surging, [...olds, podOn("a")], "-old-a"],
    ["does not wait for an old pod that does not run", surging, [oldPodOn("a", unready), podOn("a", unready), olds[1]!, olds[2]!], "-old-a"],
    ["comes where the last pod is on its way out", surging, [oldPodOn("a", leaving), olds[1]!, olds[2]!], "+a"],
  ];
  test.each(cases)("%s", (_, of, pods, moves) => expect(movesOf(of, pods, both)).toBe(moves));

  test("that was there before is the newest again, and pods that have it stay", () => {
    const back = reconcile(set, [podOn("a"), podOn("b"), podOn("c")], { revisions: [{ ...oldRevision, revision: 3 }, newRevision] });
    expect(deedsOf(back)).toEqual([`update ControllerRevision ${newRevision.metadata.name}`]);
    expect(back.writes![0]).toMatchObject({ object: { revision: 4 } });
  });

  test("takes another name where its own is taken", () => {
    expect(statusOf(reconcile(set, [], { revisions: [], namesake: newRevision }))).toMatchObject({ collisionCount: 1 });
  });

  test("makes the oldest unused revisions beyond the limit go", () => {
    const limited = aDaemonSet("log", { spec: { revisionHistoryLimit: 0 } });
    const deeds = deedsOf(reconcile(limited, [podOn("a"), podOn("b"), podOn("c")], both));
    expect(deeds).toEqual([`delete ControllerRevision ${oldRevision.metadata.name}`]);
    expect(deedsOf(reconcile(limited, [oldPodOn("a", leaving), podOn("b"), podOn("c")], both))).toEqual([]);
  });
});

test("the status counts nodes", () => {
  const there = [...nodes, tainted("n", "NoSchedule")];
  const pods = [podOn("a", { readySince: 999 }), oldPodOn("b", unready), podOn("n")];
  const patient = aDaemonSet("log", { spec: { minReadySeconds: 10 } });
  const outcome = reconcile(patient, pods, { nodes: there, revisions: [oldRevision, newRevision] });
  expect(statusOf(outcome)).toEqual({
    observedGeneration: 1, desiredNumberScheduled: 3, currentNumberScheduled: 2, numberMisscheduled: 1, numberReady: 1, updatedNumberScheduled: 1,
    numberAvailable: 0, numberUnavailable: 3,
  });
  expect(outcome.requeueAfterMilliseconds).toBe(9000);
});

test("a set that is being deleted does nothing, and adopts nothing", () => {
  expect(reconcile(aDaemonSet("log", { metadata: { deletionTimestamp: at(1) } }), [aPod("orphan")])).toEqual({});
});
