import { describe, expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { serverForTest, type TestServer } from "../testing/api-server.ts";

const pod = (name: string) => ({ metadata: { name, namespace: "default" }, spec: { containers: [{ name: "main", image: "busybox" }] } });
const toNode = (name: string) => ({ apiVersion: "v1", kind: "Binding", target: { kind: "Node", name } });

test("a binding gives a pod its node, once", async () => {
  const api = await serverForTest();
  await api.of(Pod).create(pod("a"));
  await api.of(Pod).subresource("create", "default", "a", "binding", toNode("n1"));
  const bound = await api.of(Pod).get("default", "a");
  expect(bound.spec.nodeName).toBe("n1");
  expect(bound.status.conditions).toMatchObject([{ type: "PodScheduled", status: "True" }]);
  await expect(api.of(Pod).subresource("create", "default", "a", "binding", toNode("n2"))).rejects.toMatchObject({
    code: 409, message: 'Operation cannot be fulfilled on pods "a": pod a is already assigned to node "n1"',
  });
  expect((await api.of(Pod).list("", { fieldSelector: "spec.nodeName=n1" })).items).toHaveLength(1);
});

test("an evicted pod on a node is given its grace period, and a second, shorter one", async () => {
  const api = await serverForTest();
  await api.of(Pod).create(pod("a"));
  await api.of(Pod).subresource("create", "default", "a", "binding", toNode("n1"));
  await api.of(Pod).subresource("create", "default", "a", "eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "a" } });
  expect((await api.of(Pod).get("default", "a")).metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
  await api.of(Pod).delete("default", "a", { gracePeriodSeconds: 5 });
  expect((await api.of(Pod).get("default", "a")).metadata).toMatchObject({ deletionGracePeriodSeconds: 5 });
  await api.of(Pod).delete("default", "a", { gracePeriodSeconds: 0 });
  await expect(api.of(Pod).get("default", "a")).rejects.toMatchObject({ code: 404 });
});

test("containers for looking into a pod are added, and never changed", async () => {
  const api = await serverForTest();
  await api.of(Pod).create(pod("a"));
  const add = (image: string) => api.of(Pod).patch(
    "default", "a", "application/strategic-merge-patch+json", { spec: { ephemeralContainers: [{ name: "look", image }] } }, {}, "ephemeralcontainers",
  );
  const looked = await add("busybox");
  expect(looked.spec.ephemeralContainers).toMatchObject([{ name: "look", image: "busybox" }]);
  expect(looked.metadata.generation).toBe(2);
  await expect(add("other")).rejects.toMatchObject({ code: 422 });
});

describe("pods/resize", () => {
  const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2" } };
  const made = async (): Promise<TestServer> => {
    const api = await serverForTest();
    const containers = ["main", "more"].map((name) => ({ name, image: "busybox", resources }));
    await api.of(Pod).create({ ...pod("a"), spec: { containers } });
    return api;
  };
  const resize = (api: TestServer, containers: readonly object[], type: "merge" | "strategic-merge" = "strategic-merge"): Promise<Pod> =>
    api.of(Pod).patch("default", "a", `application/${type}-patch+json`, { spec: { containers } }, {}, "resize");

  test("changes what containers ask for and may have, and nothing else", async () => {
    const resized = await resize(await made(), [{ name: "main", image: "other", resources: { requests: { cpu: "2" } } }]);
    expect(resized.metadata.generation).toBe(2);
    expect(resized.spec.containers).toMatchObject([{ image: "busybox", resources: { ...resources, requests: { cpu: "2", memory: "1Gi" } } }, { resources }]);
  });

  test.each([
    ["a request that goes", { requests: { memory: null } }, "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"],
    ["a limit that goes", { limits: { cpu: null } }, "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"],
    ["another resource", { requests: { "ephemeral-storage": "1Gi" } }, "spec: Forbidden: only cpu and memory resources are mutable"],
    ["a request above its limit", { requests: { cpu: "3" } }, "spec.containers[0].resources.requests: Invalid value: \"3\": must be less than or equal to cpu limit of 2"],
  ])("refuses %s", async (_, change, message) => {
    await expect(resize(await made(), [{ name: "main", resources: change }])).rejects.toMatchObject({ code: 422, message: expect.stringContaining(message) as string });
  });

  test("refuses another class of service", async () => {
    const api = await serverForTest();
    await api.of(Pod).create(pod("a"));
    await expect(resize(api, [{ name: "main", resources: { requests: { cpu: "1" } } }])).rejects.toMatchObject({
      code: 422, message: expect.stringContaining("Pod QOS Class may not change as a result of resizing") as string,
    });
  });

  test("refuses containers in another order", async () => {
    const swapped = ["more", "main"].map((name) => ({ name, image: "busybox", resources }));
    await expect(resize(await made(), swapped, "merge")).rejects.toMatchObject({
      code: 422, message: expect.stringContaining("spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize") as string,
    });
  });
});

test("a pod without a node is deleted at once", async () => {
  const api = await serverForTest();
  await api.of(Pod).create(pod("a"));
  await api.of(Pod).delete("default", "a");
  await expect(api.of(Pod).get("default", "a")).rejects.toMatchObject({ code: 404 });
});

test("a scale shows and sets how many replicas are wanted", async () => {
  const api = await serverForTest();
  const labels = { app: "web" };
  await api.of(Deployment).create({
    metadata: { name: "web", namespace: "default" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "busybox" }] } } },
  });
  const scale = await api.of(Deployment).subresource("get", "default", "web", "scale");
  expect(scale).toMatchObject({ kind: "Scale", spec: { replicas: 2 }, status: { replicas: 0, selector: "app=web" } });
  await api.of(Deployment).subresource("update", "default", "web", "scale", { ...(scale as object), spec: { replicas: 5 } });
  const patched = await api.of(Deployment).patch("default", "web", "application/merge-patch+json", { spec: { replicas: 6 } }, {}, "scale");
  expect(patched).toMatchObject({ kind: "Scale", spec: { replicas: 6 } });
  expect((await api.of(Deployment).get("default", "web")).metadata.generation).toBe(3);
});

test("a namespace stays until it is finalized", async () => {
  const api = await serverForTest();
  await api.of(Namespace).create({ metadata: { name: "web" } });
  await api.of(Namespace).delete("", "web");
  const terminating = await api.of(Namespace).get("", "web");
  expect(terminating).toMatchObject({ status: { phase: "Terminating" }, spec: { finalizers: ["kubernetes"] } });
  await api.of(Namespace).update({ ...terminating, spec: { finalizers: [] } }, {}, "finalize");
  await expect(api.of(Namespace).get("", "web")).rejects.toMatchObject({ code: 404 });
});

test("a collection is deleted by selector", async () => {
  const api = await serverForTest();
  for (const [name, app] of [["a", "x"], ["b", "y"], ["c", "x"]] as const) {
    await api.of(ConfigMap).create({ metadata: { name, namespace: "default", labels: { app } } });
  }
  await api.of(ConfigMap).deleteCollection("default", { labelSelector: "app=x" });
  expect((await api.of(ConfigMap).list("")).items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
});
