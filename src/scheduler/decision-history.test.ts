import { expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { DecisionHistory } from "./decision-history.ts";
import { PodInfo } from "./pod-info.ts";
import { node, pod, TestCluster } from "./testing/cluster.ts";

function decided(history: DecisionHistory, cluster: TestCluster, wanted: Pod): ReturnType<DecisionHistory["explain"]> {
  const info = new PodInfo(wanted);
  history.record(info, cluster.decide(wanted), cluster.state.nodes.length);
  return history.explain(info.namespace, info.name);
}

test("an explanation tells of every node which plugin refused it, or how many points each gave", () => {
  const cluster = new TestCluster().with(node("a"), pod({}, { cpu: "2" })).with(node("b")).with(node("c", { unschedulable: true }));
  const explanation = decided(new DecisionHistory(new VirtualClock()), cluster, pod({}, { cpu: "1", memory: "1Gi" }));
  expect(explanation).toMatchObject({
    node: "b", nodes: 3, lookedAt: 3, time: "1970-01-01T00:00:00Z",
    refusals: [{ node: "c", plugin: "NodeUnschedulable", reasons: ["node(s) were unschedulable"] }],
  });
  expect(explanation?.points.map((one) => one.node)).toEqual(["b", "a"]);
  for (const { total, plugins } of explanation?.points ?? []) expect(Object.values(plugins).reduce((sum, points) => sum + points, 0)).toBe(total);
});

test("only the latest decision about a pod is kept, and only of the latest pods", () => {
  const history = new DecisionHistory(new VirtualClock());
  const cluster = new TestCluster().with(node("a"));
  const first = pod({}, { cpu: "9" });
  expect(decided(history, cluster, first)?.message).toContain("Insufficient cpu");
  expect(decided(history, cluster, { ...first, spec: pod().spec })).toMatchObject({ node: "a" });
  for (let index = 0; index < 1000; index++) decided(history, cluster, pod());
  expect(history.explain("default", first.metadata.name)).toBeUndefined();
});
