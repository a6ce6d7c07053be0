import { describe, expect, test } from "vitest";
import type { Namespace } from "#api/core/namespace.ts";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { PodAffinityTerm } from "#api/generated/core-v1.ts";
import { lister, node, pod, TestCluster } from "../testing/cluster.ts";

const web = { app: "web" };
const hostname = "kubernetes.io/hostname";

function zone(name: string, where: string): Node {
  return node(name, {}, { labels: { zone: where } });
}

function term(topologyKey: string, labels: { [key: string]: string } = web, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { topologyKey, labelSelector: { matchLabels: labels }, ...more };
}

type Wish = "podAffinity" | "podAntiAffinity";
const requires = (wish: Wish, ...terms: PodAffinityTerm[]): Partial<Pod["spec"]> =>
  ({ affinity: { [wish]: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
const prefers = (wish: Wish, weight: number, podAffinityTerm: PodAffinityTerm): Partial<Pod["spec"]> =>
  ({ affinity: { [wish]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } } });

const labeled = (labels: { [key: string]: string } = web, namespace = "default"): Pod => pod({}, {}, { labels, namespace });

describe("required", () => {
  test("near: only the domain that has such a pod", () => {
    const cluster = new TestCluster().with(zone("a", "x")).with(zone("b", "y"), labeled()).with(zone("c", "y")).with(node("d"));
    expect(["b", "c"]).toContain(cluster.place(pod(requires("podAffinity", term("zone")))));
    expect(cluster.place(pod(requires("podAffinity", term(hostname))))).toBe("b");
    expect(cluster.place(pod(requires("podAffinity", term("zone", { app: "db" }))))).toBe(
      "0/4 nodes are available: 4 node(s) didn't match pod affinity rules.",
    );
  });

  test("near: one pod has to meet all terms", () => {
    const wish = requires("podAffinity", term("zone"), term("zone", { tier: "front" }));
    const apart = new TestCluster().with(zone("a", "x"), labeled(), labeled({ tier: "front" }));
    expect(apart.place(pod(wish))).toContain("didn't match pod affinity rules");
    expect(new TestCluster().with(zone("a", "x"), labeled({ ...web, tier: "front" })).place(pod(wish))).toBe("a");
  });

  test("near: the first of its kind may go anywhere that has the label", () => {
    const cluster = new TestCluster().with(node("bare")).with(zone("a", "x"));
    expect(cluster.place(pod(requires("podAffinity", term("zone")), {}, { labels: web }))).toBe("a");
  });

  test("far: not where such a pod is, and not where one is that does not want it", () => {
    const shy = pod(requires("podAntiAffinity", term(hostname)), {}, { labels: web });
    const cluster = new TestCluster().with(node("a"), shy);
    expect(cluster.place(pod(requires("podAntiAffinity", term(hostname))))).toBe(
      "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    );
    expect(cluster.place(labeled())).toBe("0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.");
    expect(cluster.place(labeled({ app: "db" }))).toBe("a");
  });

  test.each<[string, Partial<PodAffinityTerm>, string, boolean]>([
    ["the pod's own namespace", {}, "default", true],
    ["not another one", {}, "prod", false],
    ["one that is named", { namespaces: ["prod"] }, "prod", true],
    ["one whose labels are selected", { namespaceSelector: { matchLabels: { team: "blue" } } }, "prod", true],
    ["not one whose labels are not", { namespaceSelector: { matchLabels: { team: "red" } } }, "prod", false],
    ["all, by an empty selector", { namespaceSelector: {} }, "prod", true],
  ])("a term means pods of %s", (_what, more, namespace, isMeant) => {
    const prod = { metadata: { name: "prod", labels: { team: "blue" } } } as unknown as Namespace;
    const cluster = new TestCluster({ namespaces: lister(prod) }).with(node("a"), labeled(web, namespace));
    expect(cluster.place(pod(requires("podAffinity", term(hostname, web, more)))) === "a").toBe(isMeant);
  });
});

describe("preferred", () => {
  test.each<[string, Partial<Pod["spec"]>, string]>([
    ["near", prefers("podAffinity", 10, term(hostname)), "a"],
    ["far", prefers("podAntiAffinity", 10, term(hostname)), "b"],
  ])("%s, by the pod itself", (_what, spec, best) => {
    expect(new TestCluster().with(node("a"), labeled()).with(node("b"), labeled({ app: "db" })).place(pod(spec))).toBe(best);
  });

  test.each<[string, Partial<Pod["spec"]>, string]>([
    ["a pod that prefers it", prefers("podAffinity", 10, term(hostname)), "a"],
    ["a pod that requires its like", requires("podAffinity", term(hostname)), "a"],
    ["no pod that prefers it away", prefers("podAntiAffinity", 10, term(hostname)), "b"],
  ])("near to %s", (_what, spec, best) => {
    const standing = pod(spec, {}, { labels: { app: "db" } });
    expect(new TestCluster().with(node("a"), standing).with(node("b"), labeled({ app: "db" })).place(labeled())).toBe(best);
  });
});
