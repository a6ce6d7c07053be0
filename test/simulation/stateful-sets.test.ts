import { expect, test } from "vitest";
import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { StatefulSet } from "#api/apps/stateful-set.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const labels = { app: "db" };
const templateOf = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: "db", image }] } });
const stateful = (spec: object) => ({
  metadata: { name: "db", namespace: "default" }, spec: { replicas: 3, serviceName: "db", selector: { matchLabels: labels }, template: templateOf("db:1"), ...spec },
});

async function podsOf({ of }: SimulatedCluster): Promise<string[]> {
  const { items } = await of(Pod).list("default");
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]!.image}`).sort();
}

async function revisionsOf({ of }: SimulatedCluster): Promise<readonly ControllerRevision[]> {
  const { items } = await of(ControllerRevision).list("default");
  return items.toSorted((left, right) => left.revision - right.revision);
}

async function statusOf({ of }: SimulatedCluster) {
  return (await of(StatefulSet).get("default", "db")).status;
}

const mergePatch = "application/strategic-merge-patch+json";

test("pods come one after the other, are rolled from the last to the first, and back", async () => {
  const cluster = await clusterForTest({ nodes: ["n1", "n2"] });
  await cluster.of(StatefulSet).create(stateful({}));
  await cluster.pass(0.4);
  expect(await podsOf(cluster)).toEqual(["db-0 db:1"]);
  await cluster.pass(5);
  expect(await podsOf(cluster)).toEqual(["db-0 db:1", "db-1 db:1", "db-2 db:1"]);
  const [first] = await revisionsOf(cluster);

  await cluster.of(StatefulSet).patch("default", "db", mergePatch, { spec: { template: templateOf("db:2") } });
  await cluster.pass(0.4);
  expect((await podsOf(cluster)).slice(0, 2)).toEqual(["db-0 db:1", "db-1 db:1"]);
  await cluster.pass(9);
  expect(await podsOf(cluster)).toEqual(["db-0 db:2", "db-1 db:2", "db-2 db:2"]);

  // As `kubectl rollout undo` does.
  await cluster.of(StatefulSet).patch("default", "db", mergePatch, first!.data);
  await cluster.pass(10);
  expect(await podsOf(cluster)).toEqual(["db-0 db:1", "db-1 db:1", "db-2 db:1"]);
  expect((await revisionsOf(cluster)).map(({ metadata, revision }) => [metadata.name === first!.metadata.name, revision])).toEqual([[false, 2], [true, 3]]);
  expect(await statusOf(cluster)).toMatchObject({
    replicas: 3, readyReplicas: 3, availableReplicas: 3, currentReplicas: 3, updatedReplicas: 3,
    currentRevision: first!.metadata.name, updateRevision: first!.metadata.name,
  });
  expect(cluster.complaints).toEqual([]);
});

test("a pod that comes again has its claim again; scaled away, it takes the claim along where that is asked for", async () => {
  const cluster = await clusterForTest({ nodes: ["n1"] });
  for (const name of ["a", "b", "c"]) {
    await cluster.of(PersistentVolume).create({
      metadata: { name },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "", hostPath: { path: `/tmp/${name}` } },
    });
  }
  const spec = { accessModes: ["ReadWriteOnce"], storageClassName: "", resources: { requests: { storage: "1Gi" } } };
  const claims = async (): Promise<string[]> => (await cluster.of(PersistentVolumeClaim).list("default")).items.map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
  await cluster.of(StatefulSet).create(stateful({
    replicas: 2, podManagementPolicy: "Parallel", volumeClaimTemplates: [{ metadata: { name: "data" }, spec }],
    persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Delete" },
  }));
  await cluster.pass(4);
  expect(await claims()).toEqual(["data-db-0 Bound", "data-db-1 Bound"]);
  const before = await cluster.of(PersistentVolumeClaim).get("default", "data-db-1");
  await cluster.of(Pod).delete("default", "db-1");
  await cluster.pass(5);
  expect(await podsOf(cluster)).toEqual(["db-0 db:1", "db-1 db:1"]);
  expect((await cluster.of(PersistentVolumeClaim).get("default", "data-db-1")).metadata.uid).toBe(before.metadata.uid);

  await cluster.of(StatefulSet).patch("default", "db", mergePatch, { spec: { replicas: 1 } });
  await cluster.pass(5);
  expect(await claims()).toEqual(["data-db-0 Bound"]);
  await cluster.of(StatefulSet).patch("default", "db", mergePatch, { spec: { replicas: 2 } });
  await cluster.pass(5);
  expect(await claims()).toEqual(["data-db-0 Bound", "data-db-1 Bound"]);
  await cluster.of(StatefulSet).delete("default", "db");
  await cluster.pass(5);
  expect([await podsOf(cluster), await claims()]).toEqual([[], []]);
  expect(cluster.complaints).toEqual([]);
});
