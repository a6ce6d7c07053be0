import { expect } from "vitest";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import type { PodDisruptionBudgetSpec } from "#api/generated/policy-v1.ts";
import type { New } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../../conformance.ts";

const mergePatch = "application/merge-patch+json";
const labels = { foo: "bar" };
const selector = { matchLabels: labels };
const containers = [{ name: "busybox", image: "busybox" }];

function make({ of, namespace }: Stage, spec: New<PodDisruptionBudgetSpec>, more: object = {}, name = "foo"): Promise<PodDisruptionBudget> {
  return of(PodDisruptionBudget).create({ metadata: { name, namespace, ...more }, spec: { selector, ...spec } });
}

const get = ({ of, namespace }: Stage): Promise<PodDisruptionBudget> => of(PodDisruptionBudget).get(namespace, "foo");

async function processed(stage: Stage): Promise<PodDisruptionBudget> {
  return stage.until("the budget is processed", async () => {
    const budget = await get(stage);
    return budget.status.observedGeneration === budget.metadata.generation && budget;
  });
}

async function podsRun({ of, namespace, until }: Stage, count: number): Promise<readonly Pod[]> {
  for (let index = 0; index < count; index++) {
    await of(Pod).create({ metadata: { name: `pod-${index}`, namespace, labels }, spec: { containers } });
  }
  return until("the pods are ready", async () => {
    const { items } = await of(Pod).list(namespace);
    const ready = items.filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"));
    return ready.length >= count && ready;
  });
}

function evict({ client, namespace }: Stage, name: string): Promise<unknown> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return client.transport.call({ verb: "create", resource: Pod, namespace, name, subresource: "eviction", body });
}

conformance("[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  await make(stage, { minAvailable: "1%" });
  const budget = await processed(stage);
  await of(PodDisruptionBudget).update({ ...budget, spec: { ...budget.spec, minAvailable: "2%" } });
  await processed(stage);
  expect((await of(PodDisruptionBudget).patch(namespace, "foo", mergePatch, { spec: { minAvailable: "3%" } })).spec.minAvailable).toBe("3%");
  await of(PodDisruptionBudget).delete(namespace, "foo");
  await until("it has gone", () => get(stage).then(() => false, isNotFound));
});

conformance(
  "[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]",
  async (stage) => {
    const { of, namespace, until } = stage;
    const special = { "foo-pdb": namespace };
    const other = `${namespace}-other`;
    await of(Namespace).create({ metadata: { name: other } });
    await make(stage, { minAvailable: "1%" }, { labels: special });
    await make(stage, { minAvailable: "1%" }, { labels: special }, "foo2");
    await make({ ...stage, namespace: other }, { minAvailable: "1%" }, { labels: special });
    const all = { labelSelector: `foo-pdb=${namespace}` };
    expect((await of(PodDisruptionBudget).list("", all)).items).toHaveLength(3);
    expect((await of(PodDisruptionBudget).list(namespace, all)).items).toHaveLength(2);
    await of(PodDisruptionBudget).deleteCollection(namespace, all);
    await until("those of the namespace have gone", async () => (await of(PodDisruptionBudget).list("", all)).items.length === 1);
  },
);

conformance("[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]", async (stage) => {
  await make(stage, { minAvailable: 1 });
  await podsRun(stage, 3);
  await stage.until("two may go", async () => (await get(stage)).status.disruptionsAllowed === 2);
});

conformance("[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  await make(stage, { minAvailable: 1 });
  const [pod] = await podsRun(stage, 1);
  const budget = await processed(stage);
  const disruptedPods = { [pod!.metadata.name]: "2026-01-01T00:00:00Z" };
  const updated = await of(PodDisruptionBudget).updateStatus({ ...budget, status: { ...budget.status, disruptedPods } });
  expect(updated.status.disruptedPods).toEqual(disruptedPods);
  const patched = await of(PodDisruptionBudget).patch(namespace, "foo", mergePatch, { status: { disruptedPods: null } }, {}, "status");
  expect(patched.status.disruptedPods ?? {}).toEqual({});
});

conformance("[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  await make(stage, { minAvailable: 3 });
  const [pod] = await podsRun(stage, 3);
  await until("the budget counts them", async () => (await get(stage)).status.currentHealthy === 3);
  await expect(evict(stage, pod!.metadata.name)).rejects.toMatchObject({
    code: 429, message: "Cannot evict pod as it would violate the pod's disruption budget.",
    body: { details: { causes: [{ reason: "DisruptionBudget", message: "The disruption budget foo needs 3 healthy pods and has 3 currently" }] } },
  });
  await of(PodDisruptionBudget).patch(namespace, "foo", mergePatch, { spec: { minAvailable: 2 } });
  await until("the pod may go", async () => {
    await evict(stage, pod!.metadata.name);
    return true;
  });
  await until("it has gone", () => of(Pod).get(namespace, pod!.metadata.name).then(() => false, isNotFound));
  await of(PodDisruptionBudget).delete(namespace, "foo");

  await of(ReplicaSet).create({ metadata: { name: "rs", namespace }, spec: { replicas: 3, selector: { matchLabels: { app: "rs" } }, template: { metadata: { labels: { app: "rs" } }, spec: { containers } } } });
  await make(stage, { maxUnavailable: 0, selector: { matchLabels: { app: "rs" } } });
  await until("all three count", async () => (await get(stage)).status.currentHealthy === 3);
  expect((await get(stage)).status).toMatchObject({ expectedPods: 3, desiredHealthy: 3, disruptionsAllowed: 0 });
  const { items } = await of(Pod).list(namespace, { labelSelector: "app=rs" });
  const { name } = items[0]!.metadata;
  await expect(evict(stage, name)).rejects.toMatchObject({ code: 429 });
  await of(PodDisruptionBudget).patch(namespace, "foo", mergePatch, { spec: { maxUnavailable: 1 } });
  await until("one of them may go", async () => {
    await evict(stage, name);
    return true;
  });
});
