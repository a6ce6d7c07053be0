import { expect, test } from "vitest";
import { Event } from "#api/core/event.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

interface VolumeWish {
  readonly size?: string;
  readonly policy?: "Retain" | "Delete";
  readonly storageClassName?: string;
  readonly node?: string;
}

async function volume({ of }: SimulatedCluster, name: string, { size = "1Gi", policy = "Retain", storageClassName = "", node }: VolumeWish = {}): Promise<void> {
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node ?? ""] } as const] }];
  await of(PersistentVolume).create({
    metadata: { name },
    spec: {
      capacity: { storage: size }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: policy, storageClassName, hostPath: { path: `/tmp/${name}` },
      ...(node ? { nodeAffinity: { required: { nodeSelectorTerms: terms } } } : {}),
    },
  });
}

async function claim({ of }: SimulatedCluster, name: string, size = "1Gi", storageClassName = ""): Promise<void> {
  await of(PersistentVolumeClaim).create({
    metadata: { name, namespace: "default" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: size } } },
  });
}

async function stateOf({ of }: SimulatedCluster): Promise<string[]> {
  const volumes = (await of(PersistentVolume).list("")).items.map(({ metadata, spec, status }) => `${metadata.name} ${status.phase} ${spec.claimRef?.name ?? "-"}`);
  const claims = (await of(PersistentVolumeClaim).list("default")).items.map(({ metadata, spec, status }) =>
    `${metadata.name} ${status.phase} ${spec.volumeName ?? "-"} ${status.capacity?.["storage"] ?? "-"}`);
  return [...volumes, ...claims];
}

test("a claim gets the smallest volume that will do; one that finds none waits for one", async () => {
  const cluster = await clusterForTest();
  await volume(cluster, "large", { size: "10Gi" });
  await volume(cluster, "small", { size: "2Gi" });
  await claim(cluster, "data");
  await claim(cluster, "huge", "100Gi");
  await cluster.pass(2);
  expect(await stateOf(cluster)).toEqual(["large Available -", "small Bound data", "data Bound small 2Gi", "huge Pending - -"]);
  const { items } = await cluster.of(Event).list("default");
  expect(items.map(({ reason, message }) => `${reason}: ${message}`)).toContain("FailedBinding: no persistent volumes available for this claim and no storage class is set");
  await volume(cluster, "late", { size: "200Gi" });
  await cluster.pass(2);
  expect(await stateOf(cluster)).toContain("huge Bound late 200Gi");
  expect(cluster.complaints).toEqual([]);
});

test("without its claim a volume is kept, or goes, as its policy says", async () => {
  const cluster = await clusterForTest();
  await volume(cluster, "keep", { size: "1Gi" });
  await volume(cluster, "drop", { size: "2Gi", policy: "Delete" });
  await claim(cluster, "a");
  await cluster.pass(1);
  await claim(cluster, "b", "2Gi");
  await cluster.pass(1);
  expect(await stateOf(cluster)).toEqual(["drop Bound b", "keep Bound a", "a Bound keep 1Gi", "b Bound drop 2Gi"]);
  for (const name of ["a", "b"]) await cluster.of(PersistentVolumeClaim).delete("default", name);
  await cluster.pass(3);
  expect(await stateOf(cluster)).toEqual(["keep Released a"]);
});

test("where a class says so, the binding waits for the first pod, and takes a volume of its node", async () => {
  const cluster = await clusterForTest();
  for (const name of ["a", "b"]) await cluster.kubelets.add(name, { "kubernetes.io/hostname": name });
  const lazy = { metadata: { name: "lazy" }, provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" } as const;
  await cluster.of(StorageClass).create(lazy);
  for (const node of ["a", "b"]) await volume(cluster, `on-${node}`, { storageClassName: "lazy", node });
  await claim(cluster, "data", "1Gi", "lazy");
  await cluster.pass(2);
  expect(await stateOf(cluster)).toContain("data Pending - -");
  await cluster.of(Pod).create({
    metadata: { name: "db", namespace: "default" },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": "b" }, containers: [{ name: "db", image: "db:1" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    },
  });
  await cluster.pass(3);
  expect(await stateOf(cluster)).toContain("data Bound on-b 1Gi");

  await cluster.of(PersistentVolumeClaim).delete("default", "data");
  await cluster.pass(2);
  expect(await stateOf(cluster)).toContain("data Bound on-b 1Gi");
  await cluster.of(Pod).delete("default", "db");
  await cluster.pass(3);
  await expect(cluster.of(PersistentVolumeClaim).get("default", "data")).rejects.toSatisfy(isNotFound);
  expect(cluster.complaints).toEqual([]);
});
