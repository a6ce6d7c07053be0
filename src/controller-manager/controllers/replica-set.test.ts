import { describe, expect, test } from "vitest";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Write } from "../controller.ts";
import { aPod, aReplicaSet, at, epoch, type PodWish } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { replicaSetController } from "./replica-set.ts";

const now = epoch + 1_000_000;
const none = { replicas: 0, fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0, terminatingReplicas: 0, observedGeneration: 1 };

function reconcile(set: ReplicaSet, candidates: readonly Pod[], related = candidates) {
  return replicaSetController.reconcile(set, { candidates, related }, now);
}

const set = aReplicaSet("web", 2);
const mine = (name: string, wish: PodWish = {}): Pod => aPod(name, { owner: set, readySince: 0, ...wish });

test("it makes the pods that are missing, from the template, and owns them", () => {
  const outcome = reconcile(set, []);
  expect(deedsOf(outcome)).toEqual(["create Pod web-", "create Pod web-"]);
  const [first] = outcome.writes![0] as Write[];
  expect(first).toMatchObject({
    object: {
      metadata: { generateName: "web-", namespace: "default", labels: { app: "web" }, ownerReferences: [{ kind: "ReplicaSet", uid: "uid-web", controller: true, blockOwnerDeletion: true }] },
      spec: { containers: [{ image: "web:1" }] },
    },
  });
});

test("it is content with the pods that are wanted", () => {
  const outcome = reconcile(set, [mine("a"), mine("b")]);
  expect(deedsOf(outcome)).toEqual([]);
  expect(statusOf(outcome)).toEqual({ ...none, replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
});

test("pods that ended or are being deleted are replaced, and still counted as terminating", () => {
  const outcome = reconcile(set, [mine("a", { phase: "Failed" }), mine("b", { metadata: { deletionTimestamp: at(900) } })]);
  expect(deedsOf(outcome)).toEqual(["create Pod web-", "create Pod web-"]);
  expect(statusOf(outcome)).toEqual({ ...none, terminatingReplicas: 1 });
});

test("it adopts what it selects and nobody owns, and lets go what it no longer selects", () => {
  const outcome = reconcile(set, [aPod("orphan"), aPod("other", { metadata: { labels: { app: "db" } } }), mine("stray", { metadata: { labels: { app: "db" } } })]);
  expect(deedsOf(outcome)).toEqual(["patch Pod orphan", "patch Pod stray", "create Pod web-"]);
  expect(outcome.writes!.slice(0, 2)).toMatchObject([
    { patch: { metadata: { uid: "uid-orphan", ownerReferences: [{ uid: "uid-web", controller: true }] } } },
    { patch: { metadata: { uid: "uid-stray", ownerReferences: [{ $patch: "delete", uid: "uid-web" }] } } },
  ]);
});

test("a set that is being deleted neither adopts nor makes nor deletes pods", () => {
  const deleted = aReplicaSet("web", 0, { metadata: { deletionTimestamp: at(1) } });
  expect(deedsOf(reconcile(deleted, [aPod("orphan"), mine("a")]))).toEqual([]);
});

test("a failure becomes a condition, and goes with the next success", () => {
  const { failed, writes } = reconcile(set, []);
  const [write] = failed!(new Error("quota exceeded"), (writes![0] as Write[])[0]!) as [Write & { readonly object: ReplicaSet }];
  const [condition] = write.object.status.conditions!;
  expect(condition).toMatchObject({ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota exceeded" });
  expect(statusOf(reconcile({ ...set, status: { ...none, conditions: [condition!] } }, []))).toEqual(none);
});

test("a pod is available once it has been ready for minReadySeconds", () => {
  const patient = aReplicaSet("web", 1, { spec: { ...set.spec, replicas: 1, minReadySeconds: 10 } });
  const outcome = reconcile(patient, [mine("a", { readySince: 997 })]);
  expect(statusOf(outcome)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  expect(outcome.requeueAfterMilliseconds).toBe(7000);
  expect(statusOf(reconcile(patient, [mine("a", { readySince: 990 })]))).toMatchObject({ availableReplicas: 1 });
});

test("where pods fail as soon as they are made, no more than one round of them is made a second", () => {
  const failed = (count: number, madeAt: number): Pod[] => Array.from({ length: count }, (_, index) =>
    mine(`f${index}`, { phase: "Failed", metadata: { creationTimestamp: at(madeAt) } }));
  const creates = ["create Pod web-", "create Pod web-"];
  expect(deedsOf(reconcile(set, failed(9, 1000)))).toEqual(creates);
  const paused = reconcile(set, failed(10, 1000));
  expect([deedsOf(paused), paused.requeueAfterMilliseconds]).toEqual([[], 1000]);
  expect(deedsOf(reconcile(set, failed(10, 999)))).toEqual(creates);
  expect(deedsOf(reconcile(set, failed(100, 900)))).toEqual(creates);
});

describe("of too many pods, these go first:", () => {
  const cases: readonly (readonly [string, PodWish, PodWish])[] = [
    ["without a node", {}, { node: "n1" }],
    ["pending before running", { node: "n1", phase: "Pending" }, { node: "n1" }],
    ["not ready", { node: "n1", readySince: undefined }, { node: "n1" }],
    ["the cheaper to delete", { node: "n1", metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } } }, { node: "n1" }],
    ["ready for a shorter time, by orders of magnitude", { node: "n1", readySince: 990 }, { node: "n1", readySince: 0 }],
    ["restarted more often", { node: "n1", restarts: 3 }, { node: "n1", restarts: 1 }],
    ["younger, by orders of magnitude", { node: "n1", metadata: { creationTimestamp: at(990) } }, { node: "n1" }],
  ];
  test.each(cases)("%s", (_, first, second) => {
    const single = aReplicaSet("web", 1);
    expect(deedsOf(reconcile(single, [mine("b", second), mine("a", first)]))).toEqual(["delete Pod a"]);
  });

  test("with more neighbours of the same deployment on the node", () => {
    const pods = [mine("a", { node: "n1" }), mine("b", { node: "n2" }), mine("c", { node: "n2" })];
    const sibling = aPod("d", { node: "n1", readySince: 0 });
    const sibling2 = aPod("e", { node: "n1", readySince: 0 });
    expect(deedsOf(reconcile(set, pods, [...pods, sibling, sibling2]))).toEqual(["delete Pod a"]);
  });
});
