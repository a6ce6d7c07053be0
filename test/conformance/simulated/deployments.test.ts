import { expect } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { conformance, type Stage } from "../conformance.ts";
import { checkCollection, checkScale, checkStatusEndpoints, httpd, imagesOf, mergePatch, missingImage, newHttpd, strategicPatch, templateOf } from "../workloads.ts";

const suite = "[sig-apps] Deployment";
const labels = { name: "sample-pod" };
const selector = "name=sample-pod";
const revision = "deployment.kubernetes.io/revision";

async function createDeployment({ of, namespace }: Stage, spec: object): Promise<Deployment> {
  const common = { replicas: 1, selector: { matchLabels: labels }, template: templateOf(labels) };
  return of(Deployment).create({ metadata: { namespace, name: "test-deployment", labels }, spec: { ...common, ...spec } });
}

async function createSet({ of, namespace }: Stage, image: string, replicas: number, annotations = {}): Promise<ReplicaSet> {
  const spec = { replicas, selector: { matchLabels: labels }, template: templateOf(labels, image) };
  return of(ReplicaSet).create({ metadata: { namespace, name: "older", labels, annotations }, spec });
}

async function isComplete({ of, namespace, until }: Stage): Promise<Deployment> {
  return until("the rollout is complete", async () => {
    const deployment = await of(Deployment).get(namespace, "test-deployment");
    const { observedGeneration, replicas, updatedReplicas, availableReplicas } = deployment.status;
    const wanted = deployment.spec.replicas;
    const isDone = observedGeneration === deployment.metadata.generation && [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted);
    return isDone && deployment;
  });
}

async function setsOf({ of, namespace }: Stage): Promise<readonly ReplicaSet[]> {
  return (await of(ReplicaSet).list(namespace, { labelSelector: selector })).items;
}

conformance(`${suite} RollingUpdateDeployment should delete old pods and create new ones [Conformance]`, async (stage) => {
  await createSet(stage, httpd, 1, { [revision]: "3546343826724305832" });
  await stage.until("the older set has its pod", async () => (await imagesOf(stage, selector)).length === 1);
  const deployment = await createDeployment(stage, { template: templateOf(labels, newHttpd) });
  const { metadata } = await isComplete(stage);
  expect(metadata.annotations).toMatchObject({ [revision]: "3546343826724305833" });
  expect(await imagesOf(stage, selector)).toEqual([newHttpd]);
  const sets = await setsOf(stage);
  expect(sets.map((set) => set.metadata.ownerReferences?.[0]?.uid)).toEqual([deployment.metadata.uid, deployment.metadata.uid]);
  expect(sets.find((set) => set.metadata.name === "older")!.spec.replicas).toBe(0);
});

conformance(`${suite} deployment should delete old replica sets [Conformance]`, async (stage) => {
  await createSet(stage, httpd, 1);
  await stage.until("the older set has its pod", async () => (await imagesOf(stage, selector)).length === 1);
  await createDeployment(stage, { template: templateOf(labels, newHttpd), revisionHistoryLimit: 0 });
  await stage.until("the older set is gone", async () => {
    const sets = await setsOf(stage);
    return sets.length === 1 && sets[0]!.metadata.name !== "older";
  });
});

conformance(`${suite} deployment should support rollover [Conformance]`, async (stage) => {
  await createSet(stage, missingImage, 1);
  await stage.until("the older set has its pod", async () => (await imagesOf(stage, selector)).length === 1);
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  await createDeployment(stage, { strategy, minReadySeconds: 10, template: templateOf(labels, missingImage, { terminationGracePeriodSeconds: 5 }) });
  await stage.until("the rollout is under way", async () => ((await stage.of(Deployment).get(stage.namespace, "test-deployment")).status.updatedReplicas ?? 0) > 0);
  await stage.of(Deployment).patch(stage.namespace, "test-deployment", strategicPatch, { spec: { template: templateOf(labels, newHttpd) } });
  await stage.until("a third set is there", async () => (await setsOf(stage)).length === 3);
  await isComplete(stage);
  const sizes = (await setsOf(stage)).map(({ spec }) => [spec.template!.spec.containers[0]!.image, spec.replicas]);
  expect(sizes.filter(([, replicas]) => replicas !== 0)).toEqual([[newHttpd, 1]]);
});

conformance(`${suite} Deployment should have a working scale subresource [Conformance]`, async (stage) => {
  await createDeployment(stage, {});
  await isComplete(stage);
  await checkScale(stage, Deployment, "test-deployment");
});

conformance(`${suite} should run the lifecycle of a Deployment [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  await createDeployment(stage, { replicas: 2 });
  await isComplete(stage);
  await of(Deployment).patch(namespace, "test-deployment", strategicPatch, {
    metadata: { labels: { "test-deployment": "patched" } }, spec: { replicas: 1, template: templateOf(labels, newHttpd) },
  });
  await isComplete(stage);
  const { items } = await of(Deployment).list("", { labelSelector: "test-deployment=patched" });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["test-deployment"]);
  await until("it is updated", async () => {
    const current = await of(Deployment).get(namespace, "test-deployment");
    return of(Deployment).update({ ...current, metadata: { ...current.metadata, labels: { ...current.metadata.labels, updated: "yes" } }, spec: { ...current.spec, replicas: 2 } });
  });
  await isComplete(stage);
  const read = await of(Deployment).patch(namespace, "test-deployment", mergePatch, { status: { readyReplicas: 0, availableReplicas: 0 } }, undefined, "status");
  expect(read.status.readyReplicas ?? 0).toBe(0);
  await isComplete(stage);
  await checkStatusEndpoints(stage, Deployment, "test-deployment");
  await checkCollection(stage, Deployment, "updated=yes", 1);
});
