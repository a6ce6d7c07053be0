import { describe, expect, test } from "vitest";
import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import type { Write } from "../controller.ts";
import { aDeployment, aReplicaSet, at, epoch, ownedBy, templateOf, type DeploymentWish } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { deploymentController } from "./deployment.ts";

const now = epoch + 1_000_000;

interface SetWish {
  readonly replicas: number;
  readonly available?: number;
  readonly image?: string;
  readonly revision?: number;
  /** The deployment's size and surge when this set was sized. */
  readonly desired?: number;
  readonly max?: number;
}

function setOf(deployment: Deployment, name: string, { replicas, available = replicas, image = "web:1", revision = 1, desired, max }: SetWish): ReplicaSet {
  const annotations = {
    "deployment.kubernetes.io/revision": String(revision),
    "deployment.kubernetes.io/desired-replicas": String(desired ?? deployment.spec.replicas),
    "deployment.kubernetes.io/max-replicas": String(max ?? Math.ceil(deployment.spec.replicas * 1.25)),
  };
  return aReplicaSet(name, replicas, {
    metadata: { annotations, labels: { app: "web", "pod-template-hash": name }, ownerReferences: ownedBy(deployment), creationTimestamp: at(revision) },
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template: templateOf(image, { app: "web", "pod-template-hash": name }) },
    status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  });
}

function reconcile(deployment: Deployment, candidates: readonly ReplicaSet[] = [], running = new Map<string, number>(), time = now) {
  return deploymentController.reconcile(deployment, { candidates, namesake: undefined, running }, time);
}

/** The sizes that are written, by the name of the set. */
function sizesOf(deployment: Deployment, sets: readonly ReplicaSet[]): Record<string, number> {
  const writes = (reconcile(deployment, sets).writes ?? []) as Write[];
  const updates = writes.filter((write) => write.do === "update").map(({ object }) => object as ReplicaSet);
  return Object.fromEntries(updates.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
}

test("a new deployment makes a set for its template, with revision 1", () => {
  const outcome = reconcile(aDeployment("web", 3));
  const [write] = outcome.writes as [Write & { readonly object: ReplicaSet }];
  const { metadata, spec } = write.object;
  const hash = metadata.labels!["pod-template-hash"];
  expect(metadata.name).toBe(`web-${hash}`);
  expect(metadata.annotations).toEqual({
    "deployment.kubernetes.io/revision": "1", "deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4",
  });
  expect(spec).toMatchObject({
    replicas: 3, selector: { matchLabels: { app: "web", "pod-template-hash": hash } }, template: { metadata: { labels: { app: "web", "pod-template-hash": hash } } },
  });
  expect(statusOf(outcome)).toMatchObject({
    conditions: [
      { type: "Progressing", status: "True", reason: "NewReplicaSetCreated", message: `Created new replica set "web-${hash}"` },
      { type: "Available", status: "False", reason: "MinimumReplicasUnavailable", message: "Deployment does not have minimum availability." },
    ],
  });
  const written = outcome.writes!.at(-1) as Write & { readonly object: Deployment };
  expect(written.object.metadata.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
});

test("a finished rollout says so, once", () => {
  const deployment = aDeployment("web", 3, { metadata: { annotations: { "deployment.kubernetes.io/revision": "1" } } });
  const sets = [setOf(deployment, "web-1", { replicas: 3 })];
  const first = reconcile(deployment, sets);
  expect(deedsOf(first)).toEqual([]);
  const status = statusOf(first) as Deployment["status"];
  expect(status).toMatchObject({
    replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 0,
    conditions: [{ type: "Available", reason: "MinimumReplicasAvailable" }, { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" }],
  });
  const second = reconcile({ ...deployment, status }, sets);
  expect(second).toMatchObject({ writes: [], requeueAfterMilliseconds: undefined });
});

describe("rolling from web-1 to web-2, surge and unavailable 25% of 4:", () => {
  const deployment = aDeployment("web", 4, { spec: { template: templateOf("web:2") } });
  const cases: readonly (readonly [string, SetWish, SetWish, Record<string, number>])[] = [
    ["the new set grows as far as the surge allows", { replicas: 4 }, { replicas: 0 }, { "web-2": 1 }],
    ["the old set shrinks by what may be unavailable", { replicas: 4 }, { replicas: 1, available: 0 }, { "web-1": 3 }],
    ["nothing moves while too few are available", { replicas: 3 }, { replicas: 2, available: 0 }, {}],
    ["what has become available makes room", { replicas: 3 }, { replicas: 2 }, { "web-1": 1 }],
    ["broken old pods go first", { replicas: 3, available: 1 }, { replicas: 2 }, { "web-1": 1 }],
    ["the last old pods go", { replicas: 1 }, { replicas: 4 }, { "web-1": 0 }],
  ];
  test.each(cases)("%s", (_, old, current, sizes) => {
    const sets = [setOf(deployment, "web-1", old), setOf(deployment, "web-2", { ...current, image: "web:2", revision: 2 })];
    expect(sizesOf(deployment, sets)).toEqual(sizes);
  });
});

describe("scaling in the midst of a rollout shares proportionally:", () => {
  const image = "web:3";
  const wishes: readonly (readonly [string, number, readonly SetWish[], Record<string, number>])[] = [
    ["up", 20, [{ replicas: 8, desired: 10, max: 13 }, { replicas: 5, image, desired: 10, max: 13 }], { a: 15, b: 10 }],
    ["down", 5, [{ replicas: 8, desired: 10, max: 13 }, { replicas: 5, image, desired: 10, max: 13 }], { a: 4, b: 3 }],
    ["to nothing", 0, [{ replicas: 8, desired: 10, max: 13 }, { replicas: 5, image, desired: 10, max: 13 }], { a: 0, b: 0 }],
    ["one active set takes all", 7, [{ replicas: 0, desired: 4 }, { replicas: 4, image, desired: 4 }], { b: 7 }],
  ];
  test.each(wishes)("%s", (_, replicas, sets, sizes) => {
    const deployment = aDeployment("web", replicas, { spec: { template: templateOf(image) } });
    expect(sizesOf(deployment, sets.map((wish, index) => setOf(deployment, "ab"[index]!, { ...wish, revision: index + 1 })))).toEqual(sizes);
  });
});

describe("Recreate", () => {
  const deployment = aDeployment("web", 2, { spec: { strategy: { type: "Recreate" }, template: templateOf("web:2") } });

  test("empties old sets, waits for their last pod, then makes the new set at full size", () => {
    const old = setOf(deployment, "web-1", { replicas: 2 });
    expect(sizesOf(deployment, [old])).toEqual({ "web-1": 0 });
    const emptied = setOf(deployment, "web-1", { replicas: 0 });
    expect(deedsOf(reconcile(deployment, [emptied], new Map([["uid-web-1", 1]])))).toEqual([]);
    expect(reconcile(deployment, [emptied]).writes![0]).toMatchObject({ do: "create", object: { spec: { replicas: 2 } } });
  });
});

describe("revisions", () => {
  test("rolling back gives the old set the next revision, and it remembers the one it had", () => {
    const deployment = aDeployment("web", 1);
    const sets = [setOf(deployment, "a", { replicas: 0, revision: 1 }), setOf(deployment, "b", { replicas: 1, image: "web:2", revision: 2 })];
    const [write] = reconcile(deployment, sets).writes as [Write & { readonly object: ReplicaSet }];
    expect(write.object.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "3", "deployment.kubernetes.io/revision-history": "1" });
  });

  test("are numbers of 64 bits", () => {
    const deployment = aDeployment("web", 1, { spec: { template: templateOf("web:2") } });
    const old = setOf(deployment, "a", { replicas: 1 });
    const adopted = { ...old, metadata: { ...old.metadata, annotations: { "deployment.kubernetes.io/revision": "3546343826724305832" } } };
    const [write] = reconcile(deployment, [adopted]).writes as [Write & { readonly object: ReplicaSet }];
    expect(write.object.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "3546343826724305833" });
  });

  test("old empty sets beyond the limit go, the oldest first", () => {
    const status = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, observedGeneration: 1 };
    const deployment = aDeployment("web", 1, { spec: { revisionHistoryLimit: 1, template: templateOf("web:4") }, status });
    const sets = [1, 2, 3, 4].map((revision) => setOf(deployment, `web-${revision}`, { replicas: revision === 4 ? 1 : 0, revision, image: `web:${revision}` }));
    expect(deedsOf(reconcile(deployment, sets))).toEqual(["delete ReplicaSet web-1", "delete ReplicaSet web-2"]);
  });

  test("a name that another set has is avoided", () => {
    const outcome = deploymentController.reconcile(aDeployment("web", 1), { candidates: [], namesake: aReplicaSet("web-x", 1), running: new Map() }, now);
    expect(deedsOf(outcome)).toEqual([]);
    expect(statusOf(outcome)).toEqual({ collisionCount: 1 });
  });
});

describe("progress", () => {
  const progressing = (seconds: number): DeploymentWish => ({
    status: { conditions: [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated", lastUpdateTime: at(seconds), lastTransitionTime: at(0) }], replicas: 1, updatedReplicas: 1 },
  });

  test("a rollout that stands still for the deadline has failed, and is looked at when that is due", () => {
    const waiting = aDeployment("web", 1, progressing(500));
    const sets = [setOf(waiting, "web-1", { replicas: 1, available: 0 })];
    expect(reconcile(waiting, sets).requeueAfterMilliseconds).toBe(101_000);
    const stuck = aDeployment("web", 1, progressing(399));
    expect(statusOf(reconcile(stuck, sets))).toMatchObject({
      conditions: [
        { type: "Available" },
        { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: 'ReplicaSet "web-1" has timed out progressing.' },
      ],
    });
  });

  test("a pause is a condition, and keeps the template's change waiting", () => {
    const paused = aDeployment("web", 2, { ...progressing(0), spec: { paused: true, template: templateOf("web:2") } });
    const outcome = reconcile(paused, [setOf(paused, "web-1", { replicas: 2 })]);
    expect(deedsOf(outcome)).toEqual([]);
    expect(statusOf(outcome)).toMatchObject({ conditions: [{ type: "Progressing", status: "Unknown", reason: "DeploymentPaused" }, { type: "Available" }] });
  });

  test("what keeps a set from its pods shows on the deployment", () => {
    const deployment = aDeployment("web", 1);
    const set = setOf(deployment, "web-1", { replicas: 1, available: 0 });
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" };
    const failing = { ...set, status: { ...set.status, conditions: [failure] } };
    expect((statusOf(reconcile(deployment, [failing])) as Deployment["status"]).conditions).toContainEqual(expect.objectContaining(failure));
  });
});

test("a selector that selects all pods is refused", () => {
  const outcome = reconcile(aDeployment("web", 1, { spec: { selector: {} } }));
  expect(deedsOf(outcome)).toEqual(["Warning SelectingAll This deployment is selecting all pods. A non-empty selector is required."]);
});
