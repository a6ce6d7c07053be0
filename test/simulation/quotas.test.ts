import { expect, test } from "vitest";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { LimitRange } from "#api/core/limit-range.ts";
import { Pod } from "#api/core/pod.ts";
import { ResourceQuota } from "#api/core/resource-quota.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

async function quota({ of, pass }: SimulatedCluster, hard: { readonly [resource: string]: string }): Promise<void> {
  await of(ResourceQuota).create({ metadata: { name: "q", namespace: "default" }, spec: { hard } });
  await pass(1);
}

const statusOf = async ({ of }: SimulatedCluster): Promise<ResourceQuota["status"]> => (await of(ResourceQuota).get("default", "q")).status;

test("a replica set has as many pods as its namespace may, and gets the rest when it may", async () => {
  const cluster = await clusterForTest({ nodes: ["n1"] });
  const { of, pass } = cluster;
  await of(LimitRange).create({ metadata: { name: "l", namespace: "default" }, spec: { limits: [{ type: "Container", defaultRequest: { cpu: "100m" } }] } });
  await quota(cluster, { pods: "3", "requests.cpu": "1" });
  expect(await statusOf(cluster)).toEqual({ hard: { pods: "3", "requests.cpu": "1" }, used: { pods: "0", "requests.cpu": "0" } });
  const labels = { app: "web" };
  await of(ReplicaSet).create({
    metadata: { name: "web", namespace: "default" },
    spec: { replicas: 5, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } } },
  });
  await pass(5);
  expect((await of(Pod).list("default")).items).toHaveLength(3);
  expect((await statusOf(cluster)).used).toEqual({ pods: "3", "requests.cpu": "300m" });
  const before = await of(ResourceQuota).get("default", "q");
  await of(ResourceQuota).update({ ...before, spec: { hard: { pods: "5", "requests.cpu": "1" } } });
  await pass(60);
  expect((await of(Pod).list("default")).items).toHaveLength(5);
  expect(await statusOf(cluster)).toEqual({ hard: { pods: "5", "requests.cpu": "1" }, used: { pods: "5", "requests.cpu": "500m" } });
});

test("what is deleted makes room", async () => {
  const cluster = await clusterForTest();
  const { of, pass } = cluster;
  await quota(cluster, { "count/configmaps": "2" });
  expect((await statusOf(cluster)).used).toEqual({ "count/configmaps": "1" });
  const create = (name: string): Promise<unknown> => of(ConfigMap).create({ metadata: { name, namespace: "default" } });
  await create("a");
  await expect(create("b")).rejects.toThrow("exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=2, limited: count/configmaps=2");
  await of(ConfigMap).delete("default", "a");
  await pass(2);
  expect((await statusOf(cluster)).used).toEqual({ "count/configmaps": "1" });
  await create("b");
});
