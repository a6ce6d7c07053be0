import { describe, expect, test } from "vitest";
import type { ControllerRevision } from "#api/apps/controller-revision.ts";
import type { StatefulSet } from "#api/apps/stateful-set.ts";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Write } from "../controller.ts";
import { currentRevision } from "../revisions.ts";
import { aPod, aStatefulSet, at, epoch, metadataOf, ownedBy, type PodWish, templateOf } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { statefulSetController } from "./stateful-set.ts";

const now = epoch + 1_000_000;
const set = aStatefulSet("db", 3);
const old = aStatefulSet("db", 3, { spec: { template: templateOf("web:0") } });

function revisionFor(of: StatefulSet, number: number): ControllerRevision {
  const { revision } = currentRevision(of, [], "controller.kubernetes.io/hash", 0);
  return { ...revision, metadata: { ...revision.metadata, uid: `uid-${revision.metadata.name}`, ownerReferences: ownedBy(of) }, revision: number };
}

const [oldRevision, newRevision] = [revisionFor(old, 1), revisionFor(set, 2)];
const [oldName, newName] = [oldRevision.metadata.name, newRevision.metadata.name];

/** A pod of the set, ready unless the wish says otherwise. */
function podOf(ordinal: number, revision = newName, { metadata, ...wish }: PodWish = {}): Pod {
  const name = `db-${ordinal}`;
  const labels = {
    app: "web", "controller-revision-hash": revision, "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": String(ordinal),
  };
  return aPod(name, { owner: set, readySince: 0, metadata: { labels, ...metadata }, ...wish });
}

interface Situation {
  readonly revisions?: readonly ControllerRevision[];
  readonly namesake?: ControllerRevision;
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly taken?: readonly string[];
}

function reconcile(of: StatefulSet, candidates: readonly Pod[], { revisions = [newRevision], namesake, claims = [], taken = [] }: Situation = {}) {
  const byName = new Map(claims.map((claim) => [claim.metadata.name, claim]));
  return statefulSetController.reconcile(of, { candidates, revisions, namesake, claims: byName, taken: new Set(taken) }, now);
}

const leaving: PodWish = { metadata: { deletionTimestamp: at(900) } };
const unready: PodWish = { readySince: undefined };
const parallel = (of: StatefulSet): StatefulSet => ({ ...of, spec: { ...of.spec, podManagementPolicy: "Parallel" } });
const sized = (of: StatefulSet, replicas: number): StatefulSet => ({ ...of, spec: { ...of.spec, replicas } });
const withStatus = (of: StatefulSet, status: Partial<StatefulSet["status"]>): StatefulSet => ({ ...of, status: { ...of.status, ...status } });

/** `+db-0`: made; `-db-1`: deleted; without status and revisions. */
function movesOf(of: StatefulSet, pods: readonly Pod[], situation?: Situation): string {
  const deeds = deedsOf(reconcile(of, pods, situation)).filter((deed) => /^(create|delete) Pod /.test(deed));
  return deeds.map((deed) => deed.replace("create Pod ", "+").replace("delete Pod ", "-")).join(" ");
}

test("the first pod has a name, a number, a place within the service and the revision of its template", () => {
  const outcome = reconcile(set, [], { revisions: [] });
  expect(deedsOf(outcome)).toEqual([`create ControllerRevision ${newName}`, "create Pod db-0"]);
  const writes = outcome.writes!.flat() as (Write & { readonly object: object })[];
  expect(writes[0]).toMatchObject({
    object: {
      revision: 1, data: { spec: { template: { $patch: "replace", spec: { containers: [{ image: "web:1" }] } } } },
      metadata: { labels: { app: "web", "controller.kubernetes.io/hash": newName.slice(3) }, ownerReferences: [{ kind: "StatefulSet", controller: true }] },
    },
  });
  expect(writes[1]).toMatchObject({
    object: {
      metadata: {
        labels: { app: "web", "controller-revision-hash": newName, "statefulset.kubernetes.io/pod-name": "db-0", "apps.kubernetes.io/pod-index": "0" },
        ownerReferences: [{ kind: "StatefulSet", name: "db", controller: true }],
      },
      spec: { hostname: "db-0", subdomain: "db" },
    },
  });
});

describe("in order,", () => {
  const cases: readonly (readonly [string, number, readonly Pod[], string])[] = [
    ["the next pod comes when the one before is ready", 3, [podOf(0)], "+db-1"],
    ["none comes before the last is ready", 3, [podOf(0), podOf(1, newName, unready)], ""],
    ["a gap is filled first", 3, [podOf(0), podOf(2)], "+db-1"],
    ["a pod on its way out is waited for", 3, [podOf(0), podOf(1, newName, leaving), podOf(2)], ""],
    ["a failed pod is deleted, so that it can come again", 3, [podOf(0, newName, { phase: "Failed" }), podOf(1)], "-db-0"],
    ["and so is one that ended well", 3, [podOf(0, newName, { phase: "Succeeded" })], "-db-0"],
    ["the highest pod goes first", 1, [podOf(0), podOf(1), podOf(2)], "-db-2"],
    ["the next goes when it is gone", 1, [podOf(0), podOf(1), podOf(2, newName, leaving)], ""],
    ["none goes while one that stays is not ready", 1, [podOf(0, newName, unready), podOf(1), podOf(2)], ""],
    ["none goes while a lower one is not ready either", 1, [podOf(0), podOf(1, newName, unready), podOf(2, newName, unready)], ""],
    ["the only one that is not ready may go", 1, [podOf(0), podOf(1), podOf(2, newName, unready)], "-db-2"],
  ];
  test.each(cases)("%s", (_, replicas, pods, moves) => expect(movesOf(sized(set, replicas), pods)).toBe(moves));
});

describe("in parallel,", () => {
  const cases: readonly (readonly [string, number, readonly Pod[], string])[] = [
    ["all pods come at once", 3, [], "+db-0 +db-1 +db-2"],
    ["whatever the others are like", 3, [podOf(0, newName, unready), podOf(1, newName, { phase: "Failed" })], "-db-1 +db-2"],
    ["all that are too many go at once", 1, [podOf(0, newName, unready), podOf(1), podOf(2, newName, leaving), podOf(3)], "-db-3 -db-1"],
  ];
  test.each(cases)("%s", (_, replicas, pods, moves) => expect(movesOf(parallel(sized(set, replicas)), pods)).toBe(moves));
});

describe("a new template", () => {
  const rolling = withStatus(set, { currentRevision: oldName });
  const both = { revisions: [oldRevision, newRevision] };
  const strategy = (of: StatefulSet, rollingUpdate: object): StatefulSet =>
    ({ ...of, spec: { ...of.spec, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1, ...rollingUpdate } } } });
  const onDelete: StatefulSet = { ...rolling, spec: { ...rolling.spec, updateStrategy: { type: "OnDelete" } } };
  const olds = [podOf(0, oldName), podOf(1, oldName), podOf(2, oldName)];
  const cases: readonly (readonly [string, StatefulSet, readonly Pod[], string])[] = [
    ["replaces the highest pod first", rolling, olds, "-db-2"],
    ["goes on when that is ready", rolling, [olds[0]!, olds[1]!, podOf(2)], "-db-1"],
    ["waits until it is", rolling, [olds[0]!, olds[1]!, podOf(2, newName, unready)], ""],
    ["stops at the partition", strategy(rolling, { partition: 2 }), [olds[0]!, olds[1]!, podOf(2)], ""],
    ["replaces as many at a time as may be unavailable", strategy(rolling, { maxUnavailable: 2 }), olds, "-db-2 -db-1"],
    ["rounds a percentage down, but never to nothing", strategy(rolling, { maxUnavailable: "10%" }), olds, "-db-2"],
    ["waits for somebody to delete pods where that is asked for", onDelete, olds, ""],
    ["replaces what does not run anyway", parallel(rolling), [podOf(0, oldName, unready), olds[1]!, olds[2]!], "-db-0"],
  ];
  test.each(cases)("%s", (_, of, pods, moves) => expect(movesOf(of, pods, both)).toBe(moves));

  test("leaves pods below the partition as they were, even when they come again", () => {
    const writes = reconcile(strategy(rolling, { partition: 2 }), [podOf(1, oldName), podOf(2)], both).writes!.flat() as Write[];
    expect(writes[0]).toMatchObject({ object: { metadata: { labels: { "controller-revision-hash": oldName } }, spec: { containers: [{ image: "web:0" }] } } });
  });

  test("is told in the status until all pods have it", () => {
    const half = statusOf(reconcile(rolling, [podOf(0, oldName), podOf(1, oldName), podOf(2)], both));
    expect(half).toEqual({
      observedGeneration: 1, replicas: 3, readyReplicas: 3, availableReplicas: 3, currentReplicas: 2, updatedReplicas: 1,
      currentRevision: oldName, updateRevision: newName, collisionCount: 0,
    });
    expect(statusOf(reconcile(rolling, [podOf(0), podOf(1), podOf(2)], both)))
      .toMatchObject({ currentReplicas: 3, updatedReplicas: 3, currentRevision: newName, updateRevision: newName });
  });

  test("that was there before is the newest again", () => {
    const back = reconcile(withStatus(old, { currentRevision: newName }), [podOf(0), podOf(1), podOf(2)], both);
    expect(back.writes![0]).toMatchObject({ do: "update", object: { metadata: { name: oldName }, revision: 3 } });
    expect(deedsOf(back)).toContain("delete Pod db-2");
  });

  test("takes another name where its own is taken", () => {
    expect(statusOf(reconcile(set, [], { revisions: [], namesake: newRevision }))).toMatchObject({ collisionCount: 1 });
  });

  test("makes the oldest unused revisions beyond the limit go", () => {
    const limited: StatefulSet = { ...withStatus(set, { currentRevision: newName }), spec: { ...set.spec, revisionHistoryLimit: 1 } };
    const past = [1, 2, 3].map((number) => revisionFor(aStatefulSet("db", 3, { spec: { template: templateOf(`web:old-${number}`) } }), number));
    const deeds = deedsOf(reconcile(limited, [podOf(0, past[0]!.metadata.name), podOf(1), podOf(2)], { revisions: [...past, { ...newRevision, revision: 4 }] }));
    expect(deeds.filter((deed) => deed.includes("ControllerRevision"))).toEqual([`delete ControllerRevision ${past[1]!.metadata.name}`]);
  });
});

describe("claims", () => {
  const claimTemplate = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } };
  const keeping = (policy: object = {}, replicas = 1): StatefulSet => aStatefulSet("db", replicas, {
    spec: {
      volumeClaimTemplates: [claimTemplate as unknown as PersistentVolumeClaim],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain", ...policy },
    },
  });
  const claimOf = (ordinal: number, more: Partial<PersistentVolumeClaim["metadata"]> = {}): PersistentVolumeClaim =>
    ({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: metadataOf(`data-db-${ordinal}`, more), spec: {}, status: {} }) as PersistentVolumeClaim;
  const ownersAfter = (of: StatefulSet, pods: readonly Pod[], claim: PersistentVolumeClaim): readonly string[] | undefined => {
    const write = (reconcile(of, pods, { claims: [claim] }).writes!.flat() as Write[]).find(({ kind }) => kind.kind === "PersistentVolumeClaim");
    return write && "object" in write ? (write.object as PersistentVolumeClaim).metadata.ownerReferences!.map(({ kind, name }) => `${kind} ${name}`) : undefined;
  };

  test("are made before their pod, which mounts them, and are kept", () => {
    const outcome = reconcile(keeping(), []);
    expect(deedsOf(outcome)).toEqual(["create PersistentVolumeClaim data-db-0", "create Pod db-0"]);
    expect(outcome.writes!.flat().slice(0, 2)).toMatchObject([
      { object: { metadata: { labels: { app: "web" } }, spec: claimTemplate.spec } },
      { object: { spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }] } } },
    ]);
    expect(deedsOf(reconcile(keeping(), [], { claims: [claimOf(0)] }))).toEqual(["create Pod db-0"]);
  });

  test("that go away are waited for", () => {
    expect(movesOf(keeping(), [], { claims: [claimOf(0, { deletionTimestamp: at(1) })] })).toBe("");
    const withPod = claimOf(0, { ownerReferences: ownedBy(podOf(0)) });
    expect(movesOf(keeping({ whenScaled: "Delete" }), [], { claims: [withPod] })).toBe("");
  });

  const owned = (owner: StatefulSet | Pod) => ({ ownerReferences: ownedBy(owner) });
  const whenDeleted = { whenDeleted: "Delete" };
  const whenScaled = { whenScaled: "Delete" };
  const cases: readonly (readonly [string, StatefulSet, number, PersistentVolumeClaim, readonly string[] | undefined])[] = [
    ["go with the set where that is asked for", keeping(whenDeleted), 0, claimOf(0), ["StatefulSet db"]],
    ["go with a pod that is scaled away", keeping(whenScaled), 1, claimOf(1), ["Pod db-1"]],
    ["stay while their pod does", keeping(whenScaled), 0, claimOf(0, owned(podOf(0))), []],
    ["are let go when they are to stay after all", keeping(), 0, claimOf(0, owned(set)), []],
    ["go with the pod rather than the set", keeping({ ...whenDeleted, ...whenScaled }), 1, claimOf(1, owned(set)), ["Pod db-1"]],
    ["of somebody else stay his", keeping(whenDeleted), 0, claimOf(0, owned(aStatefulSet("other", 1))), undefined],
  ];
  test.each(cases)("%s", (_, of, ordinal, claim, owners) => {
    const pods = ordinal === 0 ? [podOf(0)] : [podOf(0), podOf(ordinal)];
    expect(ownersAfter(of, pods, claim)).toEqual(owners);
  });
});

test("numbers may start elsewhere: pods below go, and pods above come", () => {
  const moved: StatefulSet = { ...set, spec: { ...set.spec, replicas: 2, ordinals: { start: 5 } } };
  expect(movesOf(moved, [podOf(0), podOf(1)])).toBe("+db-5");
  expect(movesOf(moved, [podOf(0), podOf(1), podOf(5), podOf(6)])).toBe("-db-1");
});

test("a pod counts as available after minReadySeconds, and the next one waits for that", () => {
  const patient: StatefulSet = { ...set, spec: { ...set.spec, minReadySeconds: 10 } };
  const outcome = reconcile(patient, [podOf(0, newName, { readySince: 997 })]);
  expect(statusOf(outcome)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  expect(outcome.requeueAfterMilliseconds).toBe(7000);
  expect(movesOf(patient, [podOf(0, newName, { readySince: 990 })])).toBe("+db-1");
});

test("it adopts pods that are called and labelled like its own, and no others", () => {
  const orphan = { ...podOf(0), metadata: { ...podOf(0).metadata, ownerReferences: [] } };
  expect(deedsOf(reconcile(set, [orphan, aPod("db-x"), aPod("other-1")]))).toEqual(["patch Pod db-0"]);
  expect(deedsOf(reconcile(set, [podOf(0, newName, { metadata: { labels: { app: "other" } } })]))).toEqual(["patch Pod db-0"]);
});

test("a pod that lost the labels of its identity gets them back", () => {
  const nameless = podOf(0, newName, { metadata: { labels: { app: "web", "controller-revision-hash": newName } } });
  expect(deedsOf(reconcile(set, [nameless]))).toEqual(["update Pod db-0", "create Pod db-1"]);
});

test("a set that is being deleted only counts", () => {
  const deleted = aStatefulSet("db", 3, { metadata: { deletionTimestamp: at(1) } });
  expect(deedsOf(reconcile(deleted, [podOf(0)]))).toEqual([]);
  expect(statusOf(reconcile(deleted, [podOf(0)]))).toMatchObject({ replicas: 1 });
});

test("a failed pod is told of", () => {
  const { events } = reconcile(set, [podOf(0, newName, { phase: "Failed" })]);
  expect(events).toEqual([{ type: "Warning", reason: "RecreatingFailedPod", message: "StatefulSet default/db is recreating failed Pod db-0" }]);
});

test("a pod that its node refuses at once is replaced once a second at most", () => {
  const outcome = reconcile(set, [podOf(0, newName, { phase: "Failed", metadata: { labels: podOf(0).metadata.labels!, creationTimestamp: at(1000) } })]);
  expect([deedsOf(outcome), outcome.requeueAfterMilliseconds]).toEqual([[], 1000]);
});

test("a name that another's pod has is waited for", () => {
  const outcome = reconcile(set, [], { taken: ["db-0"] });
  expect(deedsOf(outcome)).toEqual(['Warning FailedCreate create Pod db-0 in StatefulSet db failed error: pods "db-0" already exists']);
  expect(outcome.requeueAfterMilliseconds).toBe(1000);
});
