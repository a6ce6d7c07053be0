import { describe, expect, test } from "vitest";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { node, pod, TestCluster } from "./testing/cluster.ts";

/** A node, perhaps with pods on it. */
type Placed = Node | readonly [node: Node, ...pods: Pod[]];

function place(wanted: Pod, ...nodes: readonly Placed[]): string {
  const cluster = new TestCluster();
  for (const placed of nodes) {
    const [one, ...pods] = "metadata" in placed ? [placed] : placed;
    cluster.with(one, ...pods);
  }
  return cluster.place(wanted);
}

describe("where a pod may not go", () => {
  const blocked = [{ key: "dedicated", value: "db", effect: "NoSchedule" as const }];
  test.each<[string, Pod, Placed, string]>([
    ["a cordoned node", pod(), node("a", { unschedulable: true }), "1 node(s) were unschedulable"],
    ["a tainted node", pod(), node("a", { taints: blocked }), "1 node(s) had untolerated taint(s)"],
    ["a node without a label", pod({ nodeSelector: { disk: "ssd" } }), node("a"), "1 node(s) didn't match Pod's node affinity/selector"],
    ["a node that is too small", pod({}, { cpu: "5" }), node("a"), "1 Insufficient cpu"],
    ["a node that is full", pod({}, { memory: "5Gi" }), [node("a"), pod({}, { memory: "4Gi" })], "1 Insufficient memory"],
    ["a node with as many pods as it takes", pod(), [node("a", {}, { allocatable: { pods: "1" } }), pod()], "1 Too many pods"],
    ["a node without the device", pod({}, { "example.com/gpu": "1" }), node("a"), "1 Insufficient example.com/gpu"],
  ])("%s", (_what, wanted, info, reason) => expect(place(wanted, info)).toBe(`0/1 nodes are available: ${reason}.`));

  test("a node whose host port is taken, unless on another address", () => {
    const holder = (hostIP?: string): Pod => {
      const ports = [{ containerPort: 80, hostPort: 80, protocol: "TCP", hostIP }];
      return pod({ containers: [{ name: "c", image: "i", resources: {}, ports }] as unknown as Pod["spec"]["containers"] });
    };
    expect(place(holder(), [node("a"), holder("127.0.0.1")])).toContain("1 node(s) didn't have free ports");
    expect(place(holder("10.0.0.1"), [node("a"), holder("127.0.0.1")])).toBe("a");
  });

  test("all reasons are counted together", () => {
    const message = place(pod({}, { cpu: "5" }), node("a"), node("b"), node("c", { unschedulable: true }));
    expect(message).toBe("0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.");
    expect(place(pod())).toBe("no nodes available to schedule pods");
  });

  test("a domain that would have too many of the pods that spread", () => {
    const labels = { app: "web" };
    const topologySpreadConstraints = [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" as const, labelSelector: { matchLabels: labels } },
    ];
    const zone = (name: string, count: number): Placed =>
      [node(name, {}, { labels: { zone: name } }), ...Array.from({ length: count }, () => pod({}, {}, { labels }))];
    const wanted = pod({ topologySpreadConstraints }, {}, { labels });
    expect(place(wanted, zone("z1", 1), zone("z2", 0))).toBe("z2");
    const message = place(wanted, zone("z1", 1), [node("z2", {}, { labels: { zone: "z2" } }), ...Array.from({ length: 110 }, () => pod())], node("bare"));
    expect(message).toBe(
      "0/3 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints, " +
      "1 node(s) didn't match pod topology spread constraints (missing required label).",
    );
  });
});

describe("where a pod rather goes", () => {
  test("a taint borne, a label had", () => {
    const taints = [{ key: "dedicated", value: "db", effect: "NoSchedule" as const }];
    expect(place(pod({ tolerations: [{ key: "dedicated", operator: "Exists" }] }), node("a", { taints }))).toBe("a");
    expect(place(pod({ nodeSelector: { disk: "ssd" } }), node("a"), node("b", {}, { labels: { disk: "ssd" } }))).toBe("b");
  });

  test("the node with most room", () => {
    expect(place(pod({}, { cpu: "1" }), [node("a"), pod({}, { cpu: "2", memory: "4Gi" })], node("b"))).toBe("b");
  });

  test("away from pods of the same workload, over nodes and over zones", () => {
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "rs", controller: true }];
    const sibling = (): Pod => pod({}, {}, { ownerReferences, labels: { app: "web" } });
    const zone = (name: string): { labels: { [key: string]: string } } => ({ labels: { "topology.kubernetes.io/zone": name } });
    const cluster = new TestCluster({ workloadSelector: () => ({ matchLabels: { app: "web" } }) });
    cluster.with(node("a", {}, zone("x")), sibling()).with(node("b", {}, zone("x")), pod()).with(node("c", {}, zone("y")), pod());
    expect(cluster.place(sibling())).toBe("c");
  });

  test("the node that it prefers", () => {
    const preference = { matchExpressions: [{ key: "zone", operator: "In" as const, values: ["near"] }] };
    const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference }] } };
    expect(place(pod({ affinity }), node("a"), node("b", {}, { labels: { zone: "near" } }))).toBe("b");
  });
});
