import { expect, test } from "vitest";
import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { DaemonSet } from "#api/apps/daemon-set.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const labels = { app: "log" };
const templateOf = (image: string, spec: object = {}) => ({ metadata: { labels }, spec: { containers: [{ name: "log", image }], ...spec } });
const daemon = (spec: object) => ({
  metadata: { name: "log", namespace: "default" }, spec: { selector: { matchLabels: labels }, template: templateOf("log:1"), ...spec },
});
const mergePatch = "application/strategic-merge-patch+json";

/** Images by node. */
async function podsOf({ of }: SimulatedCluster): Promise<string[]> {
  const { items } = await of(Pod).list("default");
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ spec }) => `${spec.nodeName} ${spec.containers[0]!.image}`).sort();
}

test("nodes that come get a pod, cordoned ones keep theirs, and those that no longer fit lose it", async () => {
  const cluster = await clusterForTest({ nodes: ["a"] });
  await cluster.of(DaemonSet).create(daemon({}));
  await cluster.pass(2);
  await cluster.kubelets.add("b");
  await cluster.of(Node).patch("", "a", "application/merge-patch+json", { spec: { unschedulable: true } });
  await cluster.pass(3);
  expect(await podsOf(cluster)).toEqual(["a log:1", "b log:1"]);
  await cluster.of(DaemonSet).patch("default", "log", mergePatch, { spec: { template: templateOf("log:1", { nodeSelector: { logs: "yes" } }) } });
  await cluster.of(Node).patch("", "b", "application/merge-patch+json", { metadata: { labels: { logs: "yes" } } });
  await cluster.pass(5);
  expect(await podsOf(cluster)).toEqual(["b log:1"]);
  expect((await cluster.of(DaemonSet).get("default", "log")).status).toMatchObject({
    desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 0, numberReady: 1, numberAvailable: 1, updatedNumberScheduled: 1,
  });
  expect(cluster.complaints).toEqual([]);
});

test("a new template is rolled out node by node, and taken back", async () => {
  const cluster = await clusterForTest({ nodes: ["a", "b", "c"] });
  await cluster.of(DaemonSet).create(daemon({}));
  await cluster.pass(3);
  const { items: [first] } = await cluster.of(ControllerRevision).list("default");
  await cluster.of(DaemonSet).patch("default", "log", mergePatch, { spec: { template: templateOf("log:2") } });
  await cluster.pass(0.6);
  expect((await podsOf(cluster)).filter((pod) => pod.endsWith("log:1"))).toHaveLength(2);
  await cluster.pass(10);
  expect(await podsOf(cluster)).toEqual(["a log:2", "b log:2", "c log:2"]);

  // As `kubectl rollout undo` does.
  await cluster.of(DaemonSet).patch("default", "log", mergePatch, first!.data);
  await cluster.pass(10);
  expect(await podsOf(cluster)).toEqual(["a log:1", "b log:1", "c log:1"]);
  const { items } = await cluster.of(ControllerRevision).list("default");
  expect(new Set(items.map(({ revision }) => revision))).toEqual(new Set([2, 3]));
  const { metadata, status } = await cluster.of(DaemonSet).get("default", "log");
  expect(metadata.annotations).toEqual({ "deprecated.daemonset.template.generation": "3" });
  expect(status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3, observedGeneration: metadata.generation });
  expect(cluster.complaints).toEqual([]);
});

test("with a surge, the old pod goes when the new one is ready", async () => {
  const cluster = await clusterForTest({ nodes: ["a"] });
  await cluster.of(DaemonSet).create(daemon({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }));
  await cluster.pass(3);
  await cluster.of(DaemonSet).patch("default", "log", mergePatch, { spec: { template: templateOf("log:2") } });
  await cluster.pass(0.4);
  expect(await podsOf(cluster)).toEqual(["a log:1", "a log:2"]);
  await cluster.pass(3);
  expect(await podsOf(cluster)).toEqual(["a log:2"]);
  expect(cluster.complaints).toEqual([]);
});
