import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Pod } from "#api/core/pod.ts";
import { Deployment } from "#api/apps/deployment.ts";
import { Event as CoreEvent } from "#api/core/event.ts";
import { Event as EventsEvent } from "#api/events/event.ts";
import { hasReason, StatusError } from "#machinery/status-error.ts";
import { nobody, serverForTest } from "./testing/api-server.ts";
import { WatchLog } from "./testing/watch-log.ts";

const pod = (name: string, labels: { [key: string]: string } = {}) => ({
  metadata: { name, namespace: "default", labels },
  spec: { containers: [{ name: "main", image: "busybox" }] },
});

const configMap = (name: string, data: { [key: string]: string } = {}) => ({
  metadata: { name, namespace: "default" }, data,
});

async function failure(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof StatusError) return error;
  throw error ?? new Error("it did not fail");
}

test("an object is created, read, changed and deleted", async () => {
  const api = await serverForTest();
  const pods = api.of(Pod);
  const created = await pods.create(pod("a"));
  expect(created.metadata).toMatchObject({ name: "a", namespace: "default", generation: 1, resourceVersion: "1" });
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(await pods.get("default", "a")).toBe(created);
  const changed = await pods.update({ ...created, metadata: { ...created.metadata, labels: { x: "y" } } });
  expect(changed.metadata).toMatchObject({ labels: { x: "y" }, resourceVersion: "2", generation: 1, uid: created.metadata.uid });
  expect(await failure(pods.update({ ...created, metadata: { ...created.metadata, labels: {} } }))).toMatchObject({
    code: 409,
    message: 'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  await pods.delete("default", "a", { gracePeriodSeconds: 0 });
  expect(await failure(pods.get("default", "a"))).toMatchObject({ code: 404, message: 'pods "a" not found' });
  expect(api.errors).toEqual([]);
});

test("an object that exists cannot be created again", async () => {
  const api = await serverForTest();
  await api.of(ConfigMap).create(configMap("a"));
  expect(await failure(api.of(ConfigMap).create(configMap("a")))).toMatchObject({ code: 409, reason: "AlreadyExists" });
});

test("names are generated from generateName", async () => {
  const api = await serverForTest();
  const made = await api.of(ConfigMap).create({ metadata: { generateName: "x-", namespace: "default" } });
  expect(made.metadata.name).toMatch(/^x-[a-z0-9]{5}$/);
});

test("what is wrong with an object is told field by field", async () => {
  const api = await serverForTest();
  expect(await failure(api.of(ConfigMap).create(configMap("Not A Name")))).toMatchObject({ code: 422, reason: "Invalid" });
});

test("who may do nothing is refused in upstream's words, before the body is looked at", async () => {
  const api = await serverForTest();
  const error = await failure(api.of(Pod, nobody).create({ nonsense: true } as never, {}, "web"));
  expect(error).toMatchObject({ code: 403 });
  expect(await failure(api.of(Pod, nobody).list("web"))).toMatchObject({
    message: 'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "web"',
  });
});

test("a watch tells what is there, then every change in order", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  const first = await maps.create(configMap("a"));
  const log = new WatchLog();
  const handle = maps.watch("default", {}, log);
  await log.count(1);
  await maps.create(configMap("b"));
  await maps.update({ ...first, data: { k: "v" } });
  await maps.delete("default", "b");
  await log.count(4);
  expect(log.lines).toEqual(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
  const versions = log.events.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(versions).toEqual([1, 2, 3, 4]);
  handle.close();
  const resumed = new WatchLog();
  maps.watch("", { resourceVersion: "2" }, resumed);
  await resumed.count(2);
  expect(resumed.lines).toEqual(["MODIFIED a", "DELETED b"]);
});

test("through a selector, objects come and go as they begin and cease to match", async () => {
  const api = await serverForTest();
  const pods = api.of(Pod);
  const log = new WatchLog();
  pods.watch("default", { labelSelector: "app=web", resourceVersion: "0" }, log);
  const created = await pods.create(pod("a"));
  const matching = await pods.update({ ...created, metadata: { ...created.metadata, labels: { app: "web" } } });
  await pods.create(pod("other", { app: "db" }));
  const gone = await pods.update({ ...matching, metadata: { ...matching.metadata, labels: {} } });
  await log.count(2);
  expect(log.lines).toEqual(["ADDED a", "DELETED a"]);
  expect(log.events[1]?.object.metadata).toMatchObject({ labels: { app: "web" }, resourceVersion: gone.metadata.resourceVersion });
});

test("a list in pages shows one version, whatever happens meanwhile", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  for (const name of ["a", "b", "c", "d", "e"]) await maps.create(configMap(name));
  const first = await maps.list("default", { limit: 2 });
  expect(first.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
  expect(first.metadata).toMatchObject({ remainingItemCount: 3, resourceVersion: "5" });
  await maps.delete("default", "c");
  await maps.create(configMap("cc"));
  const second = await maps.list("default", { limit: 2, continue: first.metadata.continue });
  expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["c", "d"]);
  expect(second.metadata).toMatchObject({ remainingItemCount: 1, resourceVersion: "5" });
  const third = await maps.list("default", { limit: 2, continue: second.metadata.continue });
  expect(third.items.map(({ metadata }) => metadata.name)).toEqual(["e"]);
  expect(third.metadata.continue).toBeUndefined();
  expect((await maps.list("default")).items.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "cc", "d", "e"]);
});

test("an exact version can be listed, and one from the future is refused", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  await maps.create(configMap("a"));
  await maps.create(configMap("b"));
  const old = await maps.list("", { resourceVersion: "1", resourceVersionMatch: "Exact" });
  expect(old.items.map(({ metadata }) => metadata.name)).toEqual(["a"]);
  expect(await failure(maps.list("", { resourceVersion: "99", resourceVersionMatch: "Exact" }))).toMatchObject({ code: 504 });
  expect(await failure(maps.list("", { resourceVersionMatch: "Exact" }))).toMatchObject({ code: 422 });
});

test("field selectors take the fields that the kind offers", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  await maps.create(configMap("a"));
  await maps.create(configMap("b"));
  expect((await maps.list("", { fieldSelector: "metadata.name=b" })).items).toHaveLength(1);
  expect((await maps.list("default", { fieldSelector: "metadata.name!=b" })).items).toHaveLength(1);
  expect(await failure(maps.list("", { fieldSelector: "data.x=y" }))).toMatchObject({ code: 400, message: "field label not supported: data.x" });
});

test("a selector that is too long or makes no sense is refused", async () => {
  const api = await serverForTest();
  for (const labelSelector of ["x".repeat(70_000), "a in (", "a=b=c", ",,"]) {
    expect(await failure(api.of(ConfigMap).list("", { labelSelector }))).toMatchObject({ code: 400 });
  }
});

test("the status is written apart from the rest, and generations count changes of the spec", async () => {
  const api = await serverForTest();
  const deployments = api.of(Deployment);
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "busybox" }] } };
  const created = await deployments.create({
    metadata: { name: "web", namespace: "default" }, spec: { replicas: 1, selector: { matchLabels: labels }, template }, status: { replicas: 9 },
  });
  expect(created.status.replicas).toBeUndefined();
  const reported = await deployments.updateStatus({ ...created, spec: { ...created.spec, replicas: 5 }, status: { replicas: 1, observedGeneration: 1 } });
  expect(reported.spec.replicas).toBe(1);
  expect(reported.status).toMatchObject({ replicas: 1 });
  const scaled = await deployments.update({ ...reported, spec: { ...reported.spec, replicas: 3 }, status: {} });
  expect(scaled.status).toMatchObject({ replicas: 1 });
  expect([created, reported, scaled].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
});

test("an update that changes nothing writes nothing", async () => {
  const api = await serverForTest();
  const created = await api.of(ConfigMap).create(configMap("a", { k: "v" }));
  const same = await api.of(ConfigMap).update({ ...created });
  expect(same.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
});

test("finalizers hold a deleted object until they are gone", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  await maps.create({ ...configMap("a"), metadata: { name: "a", namespace: "default", finalizers: ["example.com/hold"] } });
  await maps.delete("default", "a");
  const held = await maps.get("default", "a");
  expect(held.metadata.deletionTimestamp).toBeDefined();
  await maps.update({ ...held, metadata: { ...held.metadata, finalizers: [] } });
  expect(hasReason(await failure(maps.get("default", "a")), "NotFound")).toBe(true);
});

test("preconditions and propagation policies are kept", async () => {
  const api = await serverForTest();
  const maps = api.of(ConfigMap);
  await maps.create(configMap("a"));
  expect(await failure(maps.delete("default", "a", { preconditions: { uid: "other" } }))).toMatchObject({ code: 409 });
  await maps.delete("default", "a", { propagationPolicy: "Foreground" });
  expect((await maps.get("default", "a")).metadata.finalizers).toEqual(["foregroundDeletion"]);
});

test("both kinds of Event are the same objects", async () => {
  const api = await serverForTest();
  const regarding = { kind: "Pod", namespace: "default", name: "a" };
  await api.of(CoreEvent).create({
    metadata: { name: "e", namespace: "default" }, involvedObject: regarding, reason: "Made", message: "it was made", type: "Normal",
    source: { component: "test" },
  });
  const event = await api.of(EventsEvent).get("default", "e");
  expect(event).toMatchObject({ apiVersion: "events.k8s.io/v1", note: "it was made", regarding, reason: "Made" });
});

test("a dry run answers like the write, and writes nothing", async () => {
  const api = await serverForTest();
  const made = await api.of(ConfigMap).create(configMap("a"), { dryRun: "All" });
  expect(made.metadata.uid).toBeDefined();
  expect((await api.of(ConfigMap).list("")).items).toEqual([]);
});
