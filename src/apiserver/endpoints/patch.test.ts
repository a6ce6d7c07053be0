import { expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import type { ApiQuery } from "#client/transport.ts";
import { serverForTest } from "../testing/api-server.ts";

const labels = { app: "web" };
const deployment = {
  metadata: { name: "web", namespace: "default" },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "busybox" }] } } },
};

test("a merge patch changes what it says", async () => {
  const api = await serverForTest();
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace: "default" }, data: { k: "v", x: "y" } });
  const patched = await api.of(ConfigMap).patch("default", "a", "application/merge-patch+json", { data: { k: null, z: "1" } });
  expect(patched.data).toEqual({ x: "y", z: "1" });
});

test("a JSON patch is applied as a whole or not at all", async () => {
  const api = await serverForTest();
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace: "default" }, data: { k: "v" } });
  const patch = [{ op: "test", path: "/data/k", value: "v" }, { op: "replace", path: "/data/k", value: "w" }];
  expect((await api.of(ConfigMap).patch("default", "a", "application/json-patch+json", patch)).data).toEqual({ k: "w" });
  await expect(api.of(ConfigMap).patch("default", "a", "application/json-patch+json", patch)).rejects.toMatchObject({ code: 422 });
});

test("a strategic merge patch merges containers by name", async () => {
  const api = await serverForTest();
  await api.of(Deployment).create(deployment);
  const patch = { spec: { template: { spec: { containers: [{ name: "main", image: "other" }, { name: "side", image: "helper" }] } } } };
  const patched = await api.of(Deployment).patch("default", "web", "application/strategic-merge-patch+json", patch);
  expect(patched.spec.template.spec?.containers.map(({ name, image }) => `${name}=${image}`).toSorted()).toEqual(["main=other", "side=helper"]);
  expect(patched.metadata.generation).toBe(2);
});

test("patches of the same object at the same time are all applied", async () => {
  const api = await serverForTest();
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace: "default" } });
  const names = ["a", "b", "c", "d", "e"];
  await Promise.all(names.map((name) => api.of(ConfigMap).patch("default", "a", "application/merge-patch+json", { data: { [name]: "1" } })));
  expect(Object.keys((await api.of(ConfigMap).get("default", "a")).data ?? {}).toSorted()).toEqual(names);
});

test("the status is patched apart", async () => {
  const api = await serverForTest();
  await api.of(Deployment).create(deployment);
  const patch = { spec: { replicas: 7 }, status: { replicas: 3 } };
  const patched = await api.of(Deployment).patch("default", "web", "application/merge-patch+json", patch, {}, "status");
  expect([patched.spec.replicas, patched.status.replicas]).toEqual([1, 3]);
});

const applied = (data: object): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data });

test("applying creates, changes what is its own, and stops at what is another's", async () => {
  const api = await serverForTest();
  const apply = (manager: string, data: object, query: ApiQuery = {}) =>
    api.of(ConfigMap).patch("default", "a", "application/apply-patch+yaml", applied(data), { fieldManager: manager, ...query });
  const created = await apply("ann", { k: "v", l: "w" });
  expect(created.metadata.managedFields).toMatchObject([{ manager: "ann", operation: "Apply", apiVersion: "v1" }]);
  expect((await apply("ann", { k: "v" })).data).toEqual({ k: "v" });
  await expect(apply("bob", { k: "other" })).rejects.toMatchObject({ code: 409, message: expect.stringContaining('conflict with "ann"') as string });
  expect((await apply("bob", { k: "other" }, { force: true })).data).toEqual({ k: "other" });
  const same = await apply("bob", { k: "other" });
  expect(same.metadata.resourceVersion).toBe((await api.of(ConfigMap).get("default", "a")).metadata.resourceVersion);
});

test("applying needs a field manager", async () => {
  const api = await serverForTest();
  await expect(api.of(ConfigMap).patch("default", "a", "application/apply-patch+yaml", applied({}))).rejects.toMatchObject({
    message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  });
});

test("every writer is recorded with what it wrote", async () => {
  const api = await serverForTest();
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace: "default" }, data: { k: "v" } }, { fieldManager: "maker" });
  const patched = await api.of(ConfigMap).patch("default", "a", "application/merge-patch+json", { data: { l: "w" } }, { fieldManager: "changer" });
  expect(patched.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`).toSorted()).toEqual(["changer Update", "maker Update"]);
});

test("who may patch but not create cannot create by applying", async () => {
  const api = await serverForTest({
    access: () => ({
      authenticator: { name: "none", authenticate: async () => undefined }, admission: [],
      authorizer: { name: "no-create", authorize: (_user, { verb }) => ({ outcome: verb === "create" ? "deny" : "allow", reason: "" }) },
    }),
  });
  const query = { fieldManager: "ann" };
  await expect(api.of(ConfigMap).patch("default", "a", "application/apply-patch+yaml", applied({}), query)).rejects.toMatchObject({ code: 403 });
});
