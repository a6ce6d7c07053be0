import { expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { Event } from "#api/core/event.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { type SimulatedCluster, clusterForTest } from "./simulated-cluster.ts";

const labels = { app: "web" };
const tolerations = ["not-ready", "unreachable"].map((key) =>
  ({ key: `node.kubernetes.io/${key}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }) as const);
const deployment = (replicas: number) => ({
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { tolerations, containers: [{ name: "web", image: "web:1" }] } } },
});

async function taintsOf({ of }: SimulatedCluster, name: string): Promise<string[]> {
  const { spec } = await of(Node).get("", name);
  return (spec.taints ?? []).map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`);
}

test("nodes get ranges of their own, and keep one that they bring along", async () => {
  const { of, pass } = await clusterForTest({ nodes: ["a"] });
  await of(Node).create({ metadata: { name: "own" }, spec: { podCIDR: "10.244.1.0/24", podCIDRs: ["10.244.1.0/24"] } });
  await of(Node).create({ metadata: { name: "b" } });
  await pass(1);
  const { items } = await of(Node).list("");
  expect(items.map(({ metadata, spec }) => [metadata.name, spec.podCIDR, spec.podCIDRs])).toEqual([
    ["a", "10.244.0.0/24", ["10.244.0.0/24"]], ["b", "10.244.2.0/24", ["10.244.2.0/24"]], ["own", "10.244.1.0/24", ["10.244.1.0/24"]],
  ]);
});

test("a node that falls silent is left by its pods, after what they tolerate; when it is back, it is free of taints", async () => {
  const plane = await clusterForTest({ nodes: ["a", "b"] });
  const { of, pass, kubelets, complaints } = plane;
  await of(Deployment).create(deployment(4));
  await pass(5);
  const onA = (await of(Pod).list("default")).items.filter(({ spec }) => spec.nodeName === "a").length;
  expect(onA).toBeGreaterThan(0);
  kubelets.silence("a");
  await pass(62);
  const { status } = await of(Node).get("", "a");
  expect(status.conditions).toMatchObject(Array.from({ length: 4 }, () => ({ status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." })));
  expect(await taintsOf(plane, "a")).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
  expect(await taintsOf(plane, "b")).toEqual([]);
  expect((await of(Deployment).get("default", "web")).status).toMatchObject({ readyReplicas: 4 - onA });

  await pass(310);
  expect((await of(Deployment).get("default", "web")).status).toMatchObject({ replicas: 4, readyReplicas: 4, terminatingReplicas: onA });
  const evicted = (await of(Pod).list("default")).items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  expect(evicted).toHaveLength(onA);
  for (const pod of evicted) expect(pod.status.conditions).toContainEqual(expect.objectContaining({ type: "DisruptionTarget", reason: "DeletionByTaintManager" }));
  const reasons = (await of(Event).list("default")).items.map(({ reason }) => reason);
  expect(reasons).toEqual(expect.arrayContaining(["TaintManagerEviction", "NodeNotReady"]));

  await kubelets.revive("a");
  await pass(5);
  expect(await taintsOf(plane, "a")).toEqual([]);
  expect((await of(Pod).list("default")).items).toHaveLength(4);
  expect(complaints).toEqual([]);
});

test("when all nodes fall silent, it is likely not their fault: pods stay", async () => {
  const plane = await clusterForTest({ nodes: ["a", "b"] });
  await plane.of(Deployment).create(deployment(2));
  await plane.pass(5);
  plane.kubelets.silence("a");
  plane.kubelets.silence("b");
  await plane.pass(400);
  expect(await taintsOf(plane, "a")).toEqual(["unreachable:NoSchedule"]);
  expect((await plane.of(Pod).list("default")).items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([]);
});

test("pods of a node that is gone go, and their place is taken", async () => {
  const { of, pass, kubelets } = await clusterForTest({ nodes: ["a", "b"] });
  await of(Deployment).create(deployment(4));
  await pass(5);
  kubelets.silence("a");
  await of(Node).delete("", "a");
  await pass(80);
  const { items } = await of(Pod).list("default");
  expect(items.map(({ spec }) => spec.nodeName)).toEqual(["b", "b", "b", "b"]);
});

test("a cordoned node is tainted as such", async () => {
  const plane = await clusterForTest({ nodes: ["a", "b"] });
  await plane.of(Node).patch("", "a", "application/merge-patch+json", { spec: { unschedulable: true } });
  await plane.pass(2);
  expect(await taintsOf(plane, "a")).toEqual(["unschedulable:NoSchedule"]);
});

test("where most of a small zone fails, no further node is left; where pods leave already, they go on leaving", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const plane = await clusterForTest({ nodes: names });
  plane.kubelets.silence("a");
  await plane.pass(62);
  expect(await taintsOf(plane, "a")).toContain("unreachable:NoExecute");
  for (const name of ["b", "c", "d"]) plane.kubelets.silence(name);
  await plane.pass(120);
  expect(await taintsOf(plane, "a")).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
  // Until the third one fell silent, the zone was taken to be well: one node was left, for another its turn had not come.
  const left = await Promise.all(["b", "c", "d"].map((name) => taintsOf(plane, name)));
  expect(left.filter((taints) => taints.includes("unreachable:NoExecute")).length).toBeLessThanOrEqual(1);
});

test("nodes that come and go are told of", async () => {
  const { of, pass } = await clusterForTest({ nodes: ["a"] });
  await of(Node).delete("", "a");
  await pass(1);
  const events = (await of(Event).list("default")).items.map(({ reason, message }) => `${reason}: ${message}`);
  expect(events).toEqual(expect.arrayContaining(["RegisteredNode: Registered Node a in Controller", "RemovingNode: Removing Node a from Controller"]));
});
