import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { ReplicationController } from "#api/core/replication-controller.ts";
import { ResourceQuota } from "#api/core/resource-quota.ts";
import { Secret } from "#api/core/secret.ts";
import { conformance, type Stage } from "../conformance.ts";

type Amounts = { readonly [resource: string]: string };
type QuotaSpec = NonNullable<ResourceQuota["spec"]>;

const quotaName = "test-quota";

/** Makes a quota and waits until its status shows it. */
async function createQuota(stage: Stage, hard: Amounts, more: Partial<QuotaSpec> = {}, name = quotaName): Promise<void> {
  await stage.of(ResourceQuota).create({ metadata: { namespace: stage.namespace, name }, spec: { hard, ...more } });
  await stage.until("the quota's status is calculated", async () => {
    const { status } = await stage.of(ResourceQuota).get(stage.namespace, name);
    return Object.keys(hard).every((resource) => status.hard?.[resource] === hard[resource] && status.used?.[resource] !== undefined);
  });
}

const isUsed = ({ of, namespace, until }: Stage, amounts: Amounts, name = quotaName) =>
  until(`${JSON.stringify(amounts)} is used of ${name}`, async () => {
    const { status: { used = {} } } = await of(ResourceQuota).get(namespace, name);
    return Object.entries(amounts).every(([resource, amount]) => used[resource] === amount);
  });

const pod = (namespace: string, name: string, requests: Amounts, more: object = {}) => ({
  metadata: { namespace, name },
  spec: { ...more, containers: [{ name: "pause", image: "pause:1", resources: { requests, limits: requests } }] },
});

const begins = "[sig-api-machinery] ResourceQuota should";

conformance(`${begins} create a ResourceQuota and ensure its status is promptly calculated. [Conformance]`, async (stage) => {
  await createQuota(stage, { pods: "5", services: "10", resourcequotas: "1" });
  await isUsed(stage, { pods: "0", services: "0", resourcequotas: "1" });
});

conformance(`${begins} create a ResourceQuota and capture the life of a secret. [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  await createQuota(stage, { secrets: "1" });
  await of(Secret).create({ metadata: { namespace, name: "test-secret" }, data: { a: "dmFsdWU=" } });
  await isUsed(stage, { secrets: "1" });
  await expect(of(Secret).create({ metadata: { namespace, name: "another" } })).rejects.toMatchObject({
    code: 403, message: expect.stringContaining("exceeded quota: test-quota, requested: secrets=1, used: secrets=1, limited: secrets=1") as string,
  });
  await of(Secret).delete(namespace, "test-secret");
  await isUsed(stage, { secrets: "0" });
});

conformance(`${begins} create a ResourceQuota and capture the life of a pod. [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const none = { pods: "0", cpu: "0", memory: "0", "ephemeral-storage": "0" };
  await createQuota(stage, { pods: "5", cpu: "1", memory: "500Mi", "ephemeral-storage": "50Gi" });
  const requests = { cpu: "500m", memory: "252Mi", "ephemeral-storage": "30Gi" };
  await of(Pod).create(pod(namespace, "test-pod", requests));
  await isUsed(stage, { pods: "1", ...requests });
  await expect(of(Pod).create(pod(namespace, "too-much", { cpu: "600m", memory: "100Mi" }))).rejects.toMatchObject({ code: 403 });
  await expect(of(Pod).create(pod(namespace, "too-much-storage", { cpu: "100m", memory: "100Mi", "ephemeral-storage": "30Gi" }))).rejects.toMatchObject({ code: 403 });
  const change = { spec: { containers: [{ name: "pause", resources: { requests: { cpu: "100m" } } }] } };
  await expect(of(Pod).patch(namespace, "test-pod", "application/strategic-merge-patch+json", change)).rejects.toMatchObject({ code: 422 });
  await isUsed(stage, { pods: "1", ...requests });
  await of(Pod).delete(namespace, "test-pod", { gracePeriodSeconds: 0 });
  await isUsed(stage, none);
});

conformance(`${begins} create a ResourceQuota and capture the life of a replication controller. [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const template = { metadata: { labels: { name: "rc" } }, spec: { containers: [{ name: "nginx", image: "nginx" }] } };
  await createQuota(stage, { replicationcontrollers: "10" });
  await of(ReplicationController).create({ metadata: { namespace, name: "test-rc" }, spec: { replicas: 0, selector: { name: "rc" }, template } });
  await isUsed(stage, { replicationcontrollers: "1" });
  await of(ReplicationController).delete(namespace, "test-rc", { propagationPolicy: "Orphan" });
  await isUsed(stage, { replicationcontrollers: "0" });
});

conformance(`${begins} verify ResourceQuota with terminating scopes. [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const hard = { pods: "5", "requests.cpu": "1", "requests.memory": "500Mi", "limits.cpu": "2", "limits.memory": "1Gi" };
  await createQuota(stage, hard, { scopes: ["Terminating"] }, "terminating");
  await createQuota(stage, hard, { scopes: ["NotTerminating"] }, "not-terminating");
  const requests = { cpu: "500m", memory: "200Mi" };
  const used = { pods: "1", "requests.cpu": "500m", "requests.memory": "200Mi", "limits.cpu": "500m", "limits.memory": "200Mi" };
  const unused = { pods: "0", "requests.cpu": "0", "requests.memory": "0", "limits.cpu": "0", "limits.memory": "0" };
  await of(Pod).create(pod(namespace, "long-running", requests));
  await isUsed(stage, used, "not-terminating");
  await isUsed(stage, unused, "terminating");
  await of(Pod).delete(namespace, "long-running", { gracePeriodSeconds: 0 });
  await isUsed(stage, unused, "not-terminating");
  await of(Pod).create(pod(namespace, "terminating", requests, { activeDeadlineSeconds: 3600 }));
  await isUsed(stage, used, "terminating");
  await isUsed(stage, unused, "not-terminating");
  await of(Pod).delete(namespace, "terminating", { gracePeriodSeconds: 0 });
  await isUsed(stage, unused, "terminating");
});

conformance(`${begins} manage the lifecycle of a ResourceQuota [Conformance]`, async ({ of, namespace }) => {
  const quotas = of(ResourceQuota);
  const labelSelector = `e2e-rq-label=${namespace}`;
  const labels = { "e2e-rq-label": namespace };
  await quotas.create({ metadata: { namespace, name: "e2e", labels }, spec: { hard: { cpu: "1", memory: "500Mi" } } });
  expect((await quotas.list("", { labelSelector })).items.map(({ spec }) => spec.hard)).toEqual([{ cpu: "1", memory: "500Mi" }]);
  const patch = { metadata: { labels: { [namespace]: "patched" } }, spec: { hard: { memory: "750Mi" } } };
  expect(await quotas.patch(namespace, "e2e", "application/strategic-merge-patch+json", patch)).toMatchObject({
    metadata: { labels: { ...labels, [namespace]: "patched" } }, spec: { hard: { cpu: "1", memory: "750Mi" } },
  });
  await quotas.deleteCollection(namespace, { labelSelector: `${namespace}=patched` });
  expect((await quotas.list("", { labelSelector })).items).toEqual([]);
});
