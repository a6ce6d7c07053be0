import { expect } from "vitest";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { conformance, type Stage } from "../conformance.ts";
import { mergePatch } from "../workloads.ts";

const suite = "[sig-node] NoExecuteTaintManager";
const taint = { key: "kubernetes.io/e2e-evict-taint-key", value: "evictTaintVal", effect: "NoExecute" };
const node = "sim-1";

async function runPod({ of, namespace, until }: Stage, name: string, tolerationSeconds: number): Promise<void> {
  const tolerations = [{ key: taint.key, value: taint.value, operator: "Equal", effect: "NoExecute", tolerationSeconds }] as const;
  const spec = { nodeName: node, tolerations, containers: [{ name: "pause", image: "pause:1" }], terminationGracePeriodSeconds: 1 };
  await of(Pod).create({ metadata: { namespace, name }, spec });
  await until(`${name} runs`, async () => (await of(Pod).get(namespace, name)).status.phase === "Running");
}

const setTaints = ({ of }: Stage, taints: readonly object[]): Promise<Node> => of(Node).patch("", node, mergePatch, { spec: { taints } });

async function podsOf({ of, namespace }: Stage): Promise<string[]> {
  return (await of(Pod).list(namespace)).items.map(({ metadata }) => metadata.name);
}

conformance(`${suite} Single Pod removing taint cancels eviction [Conformance] [Disruptive] [Serial]`, async (stage) => {
  await runPod(stage, "taint-eviction-3", 20);
  await setTaints(stage, [taint]);
  await stage.pass(10);
  await setTaints(stage, []);
  await stage.pass(60);
  const { metadata } = await stage.of(Pod).get(stage.namespace, "taint-eviction-3");
  expect(metadata.deletionTimestamp).toBeUndefined();
});

conformance(`${suite} Multiple Pods evicts pods with minTolerationSeconds [Conformance] [Disruptive] [Serial]`, async (stage) => {
  await runPod(stage, "taint-eviction-b1", 10);
  await runPod(stage, "taint-eviction-b2", 30);
  await setTaints(stage, [taint]);
  await stage.until("the first is evicted", async () => (await podsOf(stage)).join() === "taint-eviction-b2");
  await stage.until("the second is evicted", async () => (await podsOf(stage)).length === 0);
  await setTaints(stage, []);
});
