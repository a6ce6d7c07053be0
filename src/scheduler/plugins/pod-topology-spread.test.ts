import { describe, expect, test } from "vitest";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Service } from "#api/core/service.ts";
import type { Taint, TopologySpreadConstraint } from "#api/generated/core-v1.ts";
import { lister, node, pod, TestCluster } from "../testing/cluster.ts";

const web = { app: "web" };
const taints: readonly Taint[] = [{ key: "dedicated", effect: "NoSchedule" }];
const skewed = "node(s) didn't match pod topology spread constraints";

function zone(name: string, where: string, spec: Partial<Node["spec"]> = {}, labels: { [key: string]: string } = {}): Node {
  return node(name, spec, { labels: { zone: where, ...labels } });
}

function webs(count: number, metadata: Partial<Pod["metadata"]> = {}): Pod[] {
  return Array.from({ length: count }, () => pod({}, {}, { labels: web, ...metadata }));
}

function spreading(more: Partial<TopologySpreadConstraint> = {}, spec: Partial<Pod["spec"]> = {}, labels: { [key: string]: string } = web): Pod {
  const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" as const, labelSelector: { matchLabels: web } };
  return pod({ topologySpreadConstraints: [{ ...constraint, ...more }], ...spec }, {}, { labels });
}

describe("required", () => {
  test("the domains may differ by the skew, and no more", () => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(2)).with(zone("b", "y"), ...webs(1));
    expect(cluster.place(spreading())).toBe("b");
    cluster.with(zone("b2", "y", { unschedulable: true }), ...webs(1)).with(zone("c", "z", { unschedulable: true }), ...webs(1));
    expect(cluster.place(spreading())).toBe(`0/4 nodes are available: 2 ${skewed}, 2 node(s) were unschedulable.`);
    expect(["a", "b"]).toContain(cluster.place(spreading({ maxSkew: 2 })));
  });

  test("pods of other namespaces and those that are leaving do not count", () => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(3, { namespace: "other" }), ...webs(3, { deletionTimestamp: "2026-01-01T00:00:00Z" }));
    cluster.with(zone("b", "y", { unschedulable: true }));
    expect(cluster.place(spreading())).toBe("a");
  });

  test("with fewer domains than there should be, the fewest counts as none", () => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(1)).with(zone("b", "y"), ...webs(1));
    expect(cluster.place(spreading({ minDomains: 3 }))).toBe(`0/2 nodes are available: 2 ${skewed}.`);
    expect(["a", "b"]).toContain(cluster.place(spreading({ minDomains: 2 })));
  });

  test.each<[string, Partial<TopologySpreadConstraint>, boolean]>([
    ["nodes that the pod does not ask for are left out", {}, true],
    ["unless their affinity is ignored", { nodeAffinityPolicy: "Ignore" }, false],
  ])("%s", (_what, more, fits) => {
    const cluster = new TestCluster().with(zone("a", "x", {}, { disk: "ssd" }), ...webs(1)).with(zone("b", "y"));
    expect(cluster.place(spreading(more, { nodeSelector: { disk: "ssd" } })) === "a").toBe(fits);
  });

  test.each<[string, Partial<TopologySpreadConstraint>, boolean]>([
    ["tainted nodes count", {}, false],
    ["unless their taints are honored", { nodeTaintsPolicy: "Honor" }, true],
  ])("%s", (_what, more, fits) => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(1)).with(zone("b", "y", { taints }));
    expect(cluster.place(spreading(more)) === "a").toBe(fits);
  });

  test("matchLabelKeys tells revisions apart", () => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(2, { labels: { ...web, rev: "1" } })).with(zone("b", "y", { unschedulable: true }));
    expect(cluster.place(spreading({}, {}, { ...web, rev: "2" }))).toContain(skewed);
    expect(cluster.place(spreading({ matchLabelKeys: ["rev"] }, {}, { ...web, rev: "2" }))).toBe("a");
  });
});

describe("preferred", () => {
  test("the emptier domain", () => {
    const cluster = new TestCluster().with(zone("a", "x"), ...webs(2), pod()).with(zone("b", "y"), ...webs(1), pod(), pod());
    expect(cluster.place(spreading({ whenUnsatisfiable: "ScheduleAnyway" }))).toBe("b");
  });

  test("a node without the label comes last", () => {
    const cluster = new TestCluster().with(node("bare")).with(zone("a", "x"), ...webs(2));
    expect(cluster.place(spreading({ whenUnsatisfiable: "ScheduleAnyway" }))).toBe("a");
  });

  test("by default, away from pods of the same service", () => {
    const service = { metadata: { name: "web", namespace: "default" }, spec: { selector: web } } as unknown as Service;
    const cluster = new TestCluster({ services: lister(service) }).with(node("a"), ...webs(1)).with(node("b"), pod());
    expect(cluster.place(pod({}, {}, { labels: web }))).toBe("b");
  });
});
