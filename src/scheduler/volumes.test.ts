import { describe, expect, test } from "vitest";
import type { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Volume } from "#api/generated/core-v1.ts";
import type { CSIDriver } from "#api/storage/csi-driver.ts";
import type { CSINode } from "#api/storage/csi-node.ts";
import type { CSIStorageCapacity } from "#api/storage/csi-storage-capacity.ts";
import type { StorageClass } from "#api/storage/storage-class.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import { PodInfo } from "./pod-info.ts";
import type { VolumesReservation } from "./reservation.ts";
import { lister, node, pod, TestCluster } from "./testing/cluster.ts";
import { volumeBinding } from "./plugins/volume-binding.ts";

interface Wishes {
  readonly volumeName?: string;
  readonly mode?: string;
  readonly storageClassName?: string;
  readonly metadata?: Partial<PersistentVolumeClaim["metadata"]>;
  readonly phase?: string;
}

function claim(name: string, { volumeName, mode = "ReadWriteOnce", storageClassName = "slow", metadata = {}, phase }: Wishes = {}): PersistentVolumeClaim {
  const annotations = volumeName === undefined ? {} : { "pv.kubernetes.io/bind-completed": "yes" };
  const spec = { accessModes: [mode], resources: { requests: { storage: "1Gi" } }, storageClassName, volumeName, volumeMode: "Filesystem" };
  return { metadata: { name, namespace: "default", uid: name, annotations, ...metadata }, spec, status: { phase } } as unknown as PersistentVolumeClaim;
}

function volume(name: string, on: string, labels: { [key: string]: string } = {}, storage = "1Gi"): PersistentVolume {
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [on] }] }];
  const nodeAffinity = on === "" ? undefined : { required: { nodeSelectorTerms: terms } };
  const spec = { capacity: { storage }, accessModes: ["ReadWriteOnce", "ReadWriteOncePod"], storageClassName: "slow", volumeMode: "Filesystem", nodeAffinity };
  return { metadata: { name, uid: name, labels }, spec, status: { phase: "Available" } } as unknown as PersistentVolume;
}

function storageClass(provisioner = "kubernetes.io/no-provisioner", volumeBindingMode = "WaitForFirstConsumer", zone?: string): StorageClass {
  const allowedTopologies = zone && [{ matchLabelExpressions: [{ key: "zone", values: [zone] }] }];
  return { metadata: { name: "slow" }, provisioner, volumeBindingMode, allowedTopologies } as unknown as StorageClass;
}

interface Objects extends Partial<Pick<ClusterObjects, "csiNodes" | "csiDrivers" | "csiStorageCapacities">> {
  readonly claims?: PersistentVolumeClaim[];
  readonly volumes?: PersistentVolume[];
  readonly classes?: StorageClass[];
}

function cluster({ claims = [], volumes = [], classes = [storageClass()], ...others }: Objects): TestCluster {
  return new TestCluster({
    ...others, persistentVolumeClaims: lister(...claims), persistentVolumes: lister(...volumes), storageClasses: lister(...classes),
  }).with(node("a", {}, { labels: { zone: "x", "topology.kubernetes.io/zone": "x" } })).with(node("b", {}, { labels: { zone: "y" } }));
}

function using(...claims: string[]): Pod {
  return pod({ volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) });
}

const own = { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "someone", controller: true }] };

describe("claims", () => {
  test.each<[string, Objects, string]>([
    ["that do not exist", {}, 'persistentvolumeclaim "data" not found'],
    ["whose volume is lost", { claims: [claim("data", { volumeName: "gone", phase: "Lost" })] }, 'persistentvolumeclaim "data" bound to non-existent persistentvolume "gone"'],
    ["that are being deleted", { claims: [claim("data", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })] }, 'persistentvolumeclaim "data" is being deleted'],
    ["that wait for their volume", { claims: [claim("data")], classes: [storageClass("x", "Immediate")] }, "pod has unbound immediate PersistentVolumeClaims"],
  ])("%s keep a pod waiting, whatever the node", (_what, objects, reason) => {
    expect(cluster(objects).place(using("data"))).toBe(`0/2 nodes are available: ${reason}.`);
  });

  test("of a generic volume have to exist and to be the pod's own", () => {
    const generic = { ...using(), spec: { ...using().spec, volumes: [{ name: "data", ephemeral: {} }] as unknown as Volume[] } };
    const name = `${generic.metadata.name}-data`;
    expect(cluster({}).place(generic)).toContain(`waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`);
    expect(cluster({ claims: [claim(name, { metadata: own })] }).place(generic)).toContain("(pod is not owner)");
  });

  test("that are bound take the pod to their volume", () => {
    const claims = [claim("data", { volumeName: "v" })];
    expect(cluster({ claims, volumes: [volume("v", "b")] }).place(using("data"))).toBe("b");
    expect(cluster({ claims, volumes: [volume("v", "c")] }).place(using("data"))).toBe(
      "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity.",
    );
    expect(cluster({ claims }).place(using("data"))).toContain("2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
  });

  test("that are not take it to where a volume is, each to another one", () => {
    const claims = [claim("data"), claim("logs")];
    expect(cluster({ claims, volumes: [volume("v", "b")] }).place(using("data"))).toBe("b");
    expect(cluster({ claims, volumes: [volume("v", "b")] }).place(using("data", "logs"))).toContain("node(s) didn't find available persistent volumes to bind");
    expect(cluster({ claims, volumes: [volume("v", "b"), volume("w", "b")] }).place(using("data", "logs"))).toBe("b");
  });

  test("or to where one can be made", () => {
    expect(cluster({ claims: [claim("data")], classes: [storageClass("example.com/disk", undefined, "y")] }).place(using("data"))).toBe("b");
  });

  test("and where the driver has room for it", () => {
    const capacities = (...sizes: string[]): Objects => ({
      claims: [claim("data")], classes: [storageClass("example.com/disk")],
      csiDrivers: lister({ metadata: { name: "example.com/disk" }, spec: { storageCapacity: true } } as unknown as CSIDriver),
      csiStorageCapacities: lister(...sizes.map((capacity) => ({
        metadata: { name: capacity, namespace: "default" }, storageClassName: "slow", capacity, nodeTopology: { matchLabels: { zone: "y" } },
      }) as unknown as CSIStorageCapacity)),
    });
    expect(cluster(capacities("9Gi")).place(using("data"))).toBe("b");
    expect(cluster(capacities("1Mi")).place(using("data"))).toBe("0/2 nodes are available: 2 node(s) did not have enough free storage.");
  });

  test("a volume promised to one is no other's", () => {
    const made = cluster({ claims: [claim("data")], volumes: [volume("v", "b")] });
    made.state.promises.set("v", "another");
    expect(made.place(using("data"))).toContain("2 node(s) didn't find available persistent volumes to bind");
  });
});

function reserved(made: TestCluster, on = "b"): VolumesReservation {
  return volumeBinding().reserve?.(new PodInfo(using("data")), made.state.node(on)!, made.state) as VolumesReservation;
}

describe("before the pod is bound", () => {
  test("the smallest volume gets the claim, and is promised", () => {
    const made = cluster({ claims: [claim("data")], volumes: [volume("big", "b", {}, "9Gi"), volume("v", "b")] });
    const reservation = reserved(made);
    expect(reservation.promises).toEqual(new Map([["v", "data"]]));
    expect(reservation.writes).toMatchObject([{ object: { metadata: { name: "v" }, spec: { claimRef: { name: "data", uid: "data" } } } }]);
    expect(reservation.isFulfilled(made.state)).toBe(false);
  });

  test("a claim whose volume has to be made is told the node", () => {
    const made = cluster({ claims: [claim("data")], classes: [storageClass("example.com/disk")] });
    expect(reserved(made, "a").writes).toMatchObject([{ object: { metadata: { annotations: { "volume.kubernetes.io/selected-node": "a" } } } }]);
  });

  test("a pod whose claims are bound needs nothing", () => {
    const made = cluster({ claims: [claim("data", { volumeName: "v" })], volumes: [volume("v", "b")] });
    expect(volumeBinding().reserve?.(new PodInfo(using("data")), made.state.node("b")!, made.state)).toBeUndefined();
  });
});

test("a volume's zone is where its pod goes", () => {
  const claims = [claim("data", { volumeName: "v" })];
  const zoned = (zone: string): TestCluster => cluster({ claims, volumes: [volume("v", "", { "topology.kubernetes.io/zone": zone })] });
  expect(zoned("x__z").place(using("data"))).toBe("a");
  expect(zoned("z").place(using("data"))).toBe("0/2 nodes are available: 2 node(s) had no available volume zone.");
});

test("a claim for one pod only is refused to a second, on every node", () => {
  const made = cluster({ claims: [claim("data", { volumeName: "v", mode: "ReadWriteOncePod" })], volumes: [volume("v", "")] });
  made.with(node("a"), using("data"));
  expect(made.place(using("data"))).toBe(
    "0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.",
  );
});

test.each<[string, Omit<Volume, "name">, Omit<Volume, "name">, boolean]>([
  ["one disk for two writers", { gcePersistentDisk: { pdName: "d" } }, { gcePersistentDisk: { pdName: "d" } }, false],
  ["one disk for two readers", { gcePersistentDisk: { pdName: "d", readOnly: true } }, { gcePersistentDisk: { pdName: "d", readOnly: true } }, true],
  ["two disks", { awsElasticBlockStore: { volumeID: "d" } }, { awsElasticBlockStore: { volumeID: "e" } }, true],
  ["one disk twice", { awsElasticBlockStore: { volumeID: "d" } }, { awsElasticBlockStore: { volumeID: "d" } }, false],
])("%s on one node", (_what, one, other, fits) => {
  const mounting = (source: Omit<Volume, "name">): Pod => pod({ volumes: [{ name: "disk", ...source }] });
  const message = new TestCluster().with(node("a"), mounting(one)).place(mounting(other));
  expect(message).toBe(fits ? "a" : "0/1 nodes are available: 1 node(s) had no available disk.");
});

test("a node gets no more volumes of a driver than it can attach, each counted once", () => {
  const csi = (name: string): PersistentVolume => {
    const made = volume(name, "");
    return { ...made, spec: { ...made.spec, csi: { driver: "example.com/disk", volumeHandle: name } } } as PersistentVolume;
  };
  const limit = { metadata: { name: "a" }, spec: { drivers: [{ name: "example.com/disk", nodeID: "a", allocatable: { count: 1 } }] } } as unknown as CSINode;
  const claims = ["one", "two"].map((name) => claim(name, { volumeName: name }));
  const made = new TestCluster({
    persistentVolumeClaims: lister(...claims), persistentVolumes: lister(csi("one"), csi("two")), csiNodes: lister(limit),
  }).with(node("a"), using("one"));
  expect(made.place(using("one"))).toBe("a");
  expect(made.place(using("two"))).toBe("0/1 nodes are available: 1 node(s) exceed max volume count.");
});

test("what a node's claims hold is looked up again when one of them has changed", () => {
  const csi = (name: string): PersistentVolume => ({ metadata: { name }, spec: { csi: { driver: "disk", volumeHandle: name } } }) as unknown as PersistentVolume;
  const claims = new Map([["one", claim("one", { volumeName: "x" })], ["two", claim("two", { volumeName: "x" })]]);
  const made = new TestCluster({
    persistentVolumeClaims: { ...lister(), get: (_namespace, name) => claims.get(name) }, persistentVolumes: lister(csi("x"), csi("y")),
    csiNodes: lister({ metadata: { name: "a" }, spec: { drivers: [{ name: "disk", nodeID: "a", allocatable: { count: 1 } }] } } as unknown as CSINode),
  }).with(node("a"), using("one"));
  expect(made.place(using("two"))).toBe("a");
  claims.set("one", claim("one", { volumeName: "y" }));
  made.state.touchUsersOf("default/one");
  expect(made.place(using("two"))).toBe("0/1 nodes are available: 1 node(s) exceed max volume count.");
});
