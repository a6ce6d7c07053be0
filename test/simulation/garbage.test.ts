import { expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Event } from "#api/core/event.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { ClusterRole } from "#api/rbac/cluster-role.ts";
import type { KubeObject, OwnerReference } from "#machinery/kind.ts";
import { type SimulatedCluster, clusterForTest } from "./simulated-cluster.ts";

const labels = { app: "web" };
const deployment = {
  metadata: { name: "web", namespace: "default" },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } } },
};

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion, kind, name, uid, ...more };
}

function configMap(name: string, owners: readonly OwnerReference[] = [], namespace = "default") {
  return { metadata: { name, namespace, ownerReferences: owners } };
}

async function namesOf({ of }: SimulatedCluster): Promise<string[]> {
  const { items } = await of(ConfigMap).list("default");
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== "kube-root-ca.crt");
}

test("with its owner, an object goes, and what that one owned", async () => {
  const { of, pass, complaints } = await clusterForTest({ nodes: ["n1"] });
  await of(Deployment).create(deployment);
  await pass(3);
  expect((await of(Pod).list("default")).items).toHaveLength(2);
  await of(Deployment).delete("default", "web", { propagationPolicy: "Background" });
  await pass(40);
  expect((await of(ReplicaSet).list("default")).items).toEqual([]);
  expect((await of(Pod).list("default")).items).toEqual([]);
  expect(complaints).toEqual([]);
});

test("deleted in the foreground, an owner goes after what it owns", async () => {
  const plane = await clusterForTest();
  const maps = plane.of(ConfigMap);
  const owner = await maps.create(configMap("owner"));
  const held = { metadata: { ...configMap("held", [ownerOf(owner, { blockOwnerDeletion: true })]).metadata, finalizers: ["test/hold"] } };
  await maps.create(held);
  await maps.delete("default", "owner", { propagationPolicy: "Foreground" });
  await plane.pass(5);
  expect(await namesOf(plane)).toEqual(["held", "owner"]);
  expect((await maps.get("default", "held")).metadata.deletionTimestamp).toBeDefined();
  await maps.patch("default", "held", "application/merge-patch+json", { metadata: { finalizers: null } });
  await plane.pass(5);
  expect(await namesOf(plane)).toEqual([]);
});

test("orphaned, what it owned stays and has no owner", async () => {
  const plane = await clusterForTest();
  const maps = plane.of(ConfigMap);
  const owner = await maps.create(configMap("owner"));
  await maps.create(configMap("child", [ownerOf(owner)]));
  await plane.pass(1);
  await maps.delete("default", "owner", { propagationPolicy: "Orphan" });
  await plane.pass(5);
  expect(await namesOf(plane)).toEqual(["child"]);
  expect((await maps.get("default", "child")).metadata.ownerReferences ?? []).toEqual([]);
});

test("an object keeps the owners that are left, and goes with the last one", async () => {
  const plane = await clusterForTest();
  const maps = plane.of(ConfigMap);
  const [first, second] = [await maps.create(configMap("first")), await maps.create(configMap("second"))];
  await maps.create(configMap("child", [ownerOf(first), ownerOf(second)]));
  await plane.pass(1);
  await maps.delete("default", "first");
  await plane.pass(2);
  expect((await maps.get("default", "child")).metadata.ownerReferences).toEqual([ownerOf(second)]);
  await maps.delete("default", "second");
  await plane.pass(2);
  expect(await namesOf(plane)).toEqual([]);
});

test("an object made for an owner that is gone already, or was another of that name, goes", async () => {
  const plane = await clusterForTest();
  const maps = plane.of(ConfigMap);
  const owner = await maps.create(configMap("owner"));
  await maps.create(configMap("late", [{ ...ownerOf(owner), name: "nobody" }]));
  await maps.create(configMap("namesake", [{ ...ownerOf(owner), uid: "another" }]));
  await plane.pass(2);
  expect(await namesOf(plane)).toEqual(["owner"]);
});

test("owners may be cluster-wide", async () => {
  const plane = await clusterForTest();
  const owner = await plane.of(ClusterRole).create({ metadata: { name: "owner" } });
  await plane.of(ConfigMap).create(configMap("child", [ownerOf(owner)]));
  await plane.pass(2);
  expect(await namesOf(plane)).toEqual(["child"]);
  await plane.of(ClusterRole).delete("", "owner");
  await plane.pass(2);
  expect(await namesOf(plane)).toEqual([]);
});

test("an owner in another namespace is none, and an event says so", async () => {
  const plane = await clusterForTest();
  await plane.of(Namespace).create({ metadata: { name: "team" } });
  const owner = await plane.of(ConfigMap).create(configMap("owner", [], "team"));
  await plane.of(ConfigMap).create(configMap("child", [ownerOf(owner)]));
  await plane.pass(2);
  expect(await namesOf(plane)).toEqual([]);
  const { items } = await plane.of(Event).list("default");
  expect(items.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
  ]);
});

test("two that wait for each other both go", async () => {
  const plane = await clusterForTest();
  const maps = plane.of(ConfigMap);
  const first = await maps.create(configMap("first"));
  const second = await maps.create(configMap("second", [ownerOf(first, { blockOwnerDeletion: true })]));
  const ownedBySecond = { metadata: { ownerReferences: [ownerOf(second, { blockOwnerDeletion: true })] } };
  await maps.patch("default", "first", "application/merge-patch+json", ownedBySecond);
  await plane.pass(1);
  await maps.delete("default", "first", { propagationPolicy: "Foreground" });
  await plane.pass(5);
  expect(await namesOf(plane)).toEqual([]);
});
