import {
  ApiException, AppsV1Api, AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, makeInformer, PatchStrategy,
  setHeaderOptions, type V1ConfigMap, type V1Deployment, VersionApi, Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "#cluster/library.ts";
import { eventually } from "./cluster.ts";

/** The official JavaScript client, which knows nothing of how the server is made, does everything that it can over HTTPS. */
let cluster: Cluster;
let config: KubeConfig;
let core: CoreV1Api;
let apps: AppsV1Api;
let objects: KubernetesObjectApi;

const namespace = "default";
const labels = { app: "web" };
const deployment = (replicas: number): V1Deployment => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } } },
});
const map = (name: string, data: V1ConfigMap["data"] = {}): V1ConfigMap => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels: { made: "here" } }, data });
const made = { namespace, labelSelector: "made=here" };

beforeAll(async () => {
  cluster = await startCluster({ simulatedNodes: 1 });
  await cluster.listen();
  config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig());
  [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  objects = KubernetesObjectApi.makeApiClient(config);
});
afterAll(() => cluster.stop());

describe("the official JavaScript client", () => {
  test("creates, reads, replaces and deletes", async () => {
    const created = await core.createNamespacedConfigMap({ namespace, body: map("a", { k: "v" }) });
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect(await core.readNamespacedConfigMap({ namespace, name: "a" })).toEqual(created);
    const body = await core.readNamespacedConfigMap({ namespace, name: "a" });
    body.data = { k: "w" };
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: "a", body });
    expect(replaced.data).toEqual({ k: "w" });
    await expect(core.replaceNamespacedConfigMap({ namespace, name: "a", body: created })).rejects.toMatchObject({ code: 409 });
    expect(await core.deleteNamespacedConfigMap({ namespace, name: "a" })).toMatchObject({ status: "Success", details: { name: "a" } });
    await expect(core.readNamespacedConfigMap({ namespace, name: "a" })).rejects.toSatisfy((error: unknown) => error instanceof ApiException && error.code === 404);
  });

  test("lists in pages, by selector, and deletes what it has listed", async () => {
    for (const name of ["a", "b", "c"]) await core.createNamespacedConfigMap({ namespace, body: map(name) });
    const first = await core.listNamespacedConfigMap({ ...made, limit: 2 });
    expect(first.items.map(({ metadata }) => metadata?.name)).toEqual(["a", "b"]);
    const second = await core.listNamespacedConfigMap({ ...made, limit: 2, _continue: first.metadata?._continue });
    expect(second.items.map(({ metadata }) => metadata?.name)).toEqual(["c"]);
    expect((await core.listConfigMapForAllNamespaces({ fieldSelector: "metadata.name=b" })).items).toHaveLength(1);
    await core.deleteCollectionNamespacedConfigMap(made);
    expect((await core.listNamespacedConfigMap(made)).items).toEqual([]);
  });

  test.each([
    [PatchStrategy.MergePatch, { data: { k: null, l: "1" } }, { l: "1" }],
    [PatchStrategy.StrategicMergePatch, { data: { l: "1" } }, { k: "v", l: "1" }],
    [PatchStrategy.JsonPatch, [{ op: "replace", path: "/data/k", value: "w" }], { k: "w" }],
    [PatchStrategy.ServerSideApply, map("patched", { l: "1" }), { k: "v", l: "1" }],
  ])("patches by %s", async (strategy, body, expected) => {
    await core.createNamespacedConfigMap({ namespace, body: map("patched", { k: "v" }), fieldManager: "maker" });
    const patched = await core.patchNamespacedConfigMap({ namespace, name: "patched", body, fieldManager: "me" }, setHeaderOptions("Content-Type", strategy));
    expect(patched.data).toEqual(expected);
    await core.deleteNamespacedConfigMap({ namespace, name: "patched" });
  });

  test("watches, and is told in order", async () => {
    const told: string[] = [];
    const watching = await new Watch(config).watch("/api/v1/namespaces/default/configmaps", { labelSelector: "made=here" },
      (type: string, object: V1ConfigMap) => told.push(`${type} ${object.metadata?.name}`), () => undefined);
    await core.createNamespacedConfigMap({ namespace, body: map("w") });
    await core.patchNamespacedConfigMap({ namespace, name: "w", body: { data: { k: "v" } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
    await core.deleteNamespacedConfigMap({ namespace, name: "w" });
    await eventually(async () => told.length, (count) => count === 3);
    expect(told).toEqual(["ADDED w", "MODIFIED w", "DELETED w"]);
    watching.abort();
  });

  test("keeps a copy of a collection in step", async () => {
    const informer = makeInformer(config, "/api/v1/namespaces/default/configmaps", () => core.listNamespacedConfigMap(made), "made=here");
    const names = () => informer.list().map(({ metadata }) => metadata?.name ?? "").toSorted((one, other) => one.localeCompare(other));
    await core.createNamespacedConfigMap({ namespace, body: map("i1") });
    await informer.start();
    await core.createNamespacedConfigMap({ namespace, body: map("i2") });
    await eventually(async () => names().join(), (text) => text === "i1,i2");
    await core.deleteNamespacedConfigMap({ namespace, name: "i1" });
    await eventually(async () => names().join(), (text) => text === "i2");
    await informer.stop();
    await core.deleteNamespacedConfigMap({ namespace, name: "i2" });
  });

  test("scales a deployment, and reads and writes statuses", async () => {
    await apps.createNamespacedDeployment({ namespace, body: deployment(1) });
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: "web" });
    scale.spec = { replicas: 2 };
    // Controllers write to the same objects meanwhile.
    delete scale.metadata?.resourceVersion;
    await apps.replaceNamespacedDeploymentScale({ namespace, name: "web", body: scale });
    await eventually(async () => (await apps.readNamespacedDeploymentStatus({ namespace, name: "web" })).status?.readyReplicas, (ready) => ready === 2);
    const [pod] = (await core.listNamespacedPod({ namespace, labelSelector: "app=web" })).items;
    const name = pod?.metadata?.name ?? "";
    pod?.status?.conditions?.push({ type: "test.dev/Seen", status: "True" });
    delete pod?.metadata?.resourceVersion;
    const written = await core.replaceNamespacedPodStatus({ namespace, name, body: pod ?? {} });
    expect(written.status?.conditions?.map(({ type }) => type)).toContain("test.dev/Seen");
    await core.createNamespacedPodEviction({ namespace, name, body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } } });
    await apps.deleteNamespacedDeployment({ namespace, name: "web", propagationPolicy: "Foreground" });
    await eventually(async () => (await core.listNamespacedPod({ namespace, labelSelector: "app=web" })).items.length, (count) => count === 0);
  });

  test("handles objects whose kind it does not know beforehand", async () => {
    const created = await objects.create(map("generic", { k: "v" }));
    expect(await objects.read({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "generic", namespace } })).toMatchObject({ data: { k: "v" } });
    expect(await objects.list("v1", "ConfigMap", namespace, undefined, undefined, undefined, undefined, "made=here")).toMatchObject({ items: [{ metadata: { name: "generic" } }] });
    expect(await objects.patch(map("generic", { k: "w" }))).toMatchObject({ data: { k: "w" } });
    expect(await objects.patch(map("generic", { m: "1" }), undefined, undefined, "me", true, PatchStrategy.ServerSideApply)).toMatchObject({ data: { k: "w", m: "1" } });
    if (created.metadata) created.metadata.resourceVersion = undefined;
    expect(await objects.replace(created)).toMatchObject({ data: { k: "v" } });
    expect(await objects.delete(map("generic"))).toMatchObject({ status: "Success" });
  });

  test("asks who it is, what it may do, for tokens, and what it talks to", async () => {
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    expect((await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: review })).status?.userInfo?.groups).toContain("system:masters");
    const access = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes: { verb: "delete", resource: "nodes" } } };
    expect((await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: access })).status?.allowed).toBe(true);
    const token = await core.createNamespacedServiceAccountToken({ namespace, name: "default", body: { spec: { audiences: [], expirationSeconds: 600 } } });
    expect(token.status?.token.split(".")).toHaveLength(3);
    expect((await config.makeApiClient(VersionApi).getCode()).minor).toBe("36");
  });

  test("is told what is wrong with what it sends", async () => {
    const error = (await core.createNamespacedConfigMap({ namespace, body: map("Not A Name") }).catch((reason: unknown) => reason)) as ApiException<string>;
    expect(error.code).toBe(422);
    expect(JSON.parse(error.body)).toMatchObject({ kind: "Status", reason: "Invalid", details: { causes: [{ reason: "FieldValueInvalid", field: "metadata.name" }] } });
  });
});
