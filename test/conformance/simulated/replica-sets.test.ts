import { expect } from "vitest";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Pod } from "#api/core/pod.ts";
import { conformance, type Stage } from "../conformance.ts";
import { checkCollection, checkScale, checkStatusEndpoints, isAdopted, isReleased, newHttpd, strategicPatch, templateOf } from "../workloads.ts";

const suite = "[sig-apps] ReplicaSet";
const labels = { app: "test-rs" };

async function createSet({ of, namespace }: Stage, replicas: number, name = "test-rs"): Promise<ReplicaSet> {
  const spec = { replicas, selector: { matchLabels: labels }, template: templateOf(labels) };
  return of(ReplicaSet).create({ metadata: { namespace, name, labels }, spec });
}

async function isAvailable({ of, namespace, until }: Stage, replicas: number, name = "test-rs"): Promise<ReplicaSet> {
  return until(`${replicas} pods are available`, async () => {
    const set = await of(ReplicaSet).get(namespace, name);
    return (set.status.availableReplicas ?? 0) === replicas && set.status.replicas === replicas && set;
  });
}

conformance(`${suite} should adopt matching pods on creation and release no longer matching pods [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  await of(Pod).create({ metadata: { namespace, name: "pod-adoption-release", labels }, spec: templateOf(labels).spec });
  const set = await createSet(stage, 1);
  await isAdopted(stage, "pod-adoption-release", set);
  expect((await of(Pod).list(namespace)).items).toHaveLength(1);
  await isReleased(stage, "pod-adoption-release", "app");
  await until("another takes its place", async () => (await of(Pod).list(namespace, { labelSelector: "app=test-rs" })).items.length === 1);
});

conformance(`${suite} Replicaset should have a working scale subresource [Conformance]`, async (stage) => {
  await createSet(stage, 1);
  await isAvailable(stage, 1);
  await checkScale(stage, ReplicaSet, "test-rs");
});

conformance(`${suite} Replace and Patch tests [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  await createSet(stage, 1);
  await isAvailable(stage, 1);
  await until("the set is replaced", async () => {
    const set = await of(ReplicaSet).get(namespace, "test-rs");
    return of(ReplicaSet).update({ ...set, spec: { ...set.spec, replicas: 3 } });
  });
  await isAvailable(stage, 3);
  await of(ReplicaSet).patch(namespace, "test-rs", strategicPatch, {
    metadata: { labels: { test: "patched" } },
    spec: { replicas: 4, template: templateOf(labels, newHttpd, { terminationGracePeriodSeconds: 0 }) },
  });
  const { metadata, spec } = await isAvailable(stage, 4);
  expect([metadata.labels!["test"], spec.template!.spec.containers[0]!.image]).toEqual(["patched", newHttpd]);
});

conformance(`${suite} should list and delete a collection of ReplicaSets [Conformance]`, async (stage) => {
  await createSet(stage, 3);
  await isAvailable(stage, 3);
  await checkCollection(stage, ReplicaSet, "app=test-rs", 1);
});

conformance(`${suite} should validate Replicaset Status endpoints [Conformance]`, async (stage) => {
  await createSet(stage, 1);
  await isAvailable(stage, 1);
  await checkStatusEndpoints(stage, ReplicaSet, "test-rs");
});
