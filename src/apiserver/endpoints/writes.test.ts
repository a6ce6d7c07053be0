import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { admin, serverForTest, startTestServer } from "../testing/api-server.ts";
import { listenForTest } from "../testing/http-server.ts";
import { WatchLog } from "../testing/watch-log.ts";

const namespace = "default";

test("a name that is to be made up is tried anew, until enough is enough", async () => {
  const zeros: Random = { integer: () => 0, fraction: () => 0, bytes: (length) => new Uint8Array(length) };
  const maps = (await serverForTest({ random: zeros })).of(ConfigMap);
  const { metadata: { name } } = await maps.create({ metadata: { generateName: "a-", namespace } });
  await expect(maps.create({ metadata: { generateName: "a-", namespace } })).rejects.toMatchObject({
    code: 409, reason: "AlreadyExists", body: { details: { name, kind: "configmaps", retryAfterSeconds: 1 } },
    message: `configmaps "${name}" already exists, the server was not able to generate a unique name for the object`,
  });
  await expect(maps.create({ metadata: { name, generateName: "a-", namespace } })).rejects.toMatchObject({ message: `configmaps "${name}" already exists` });
});

test.each([
  ["POST", "", { metadata: {} }, 422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'],
  ["POST", "", { metadata: { name: "b", namespace: "other" } }, 400, "the namespace of the provided object does not match the namespace sent on the request"],
  ["POST", "", { metadata: { name: "b", resourceVersion: "7" } }, 400, "resourceVersion should not be set on objects to be created"],
  ["POST", "", { apiVersion: "v2", metadata: { name: "b" } }, 400, "the API version in the data (v2) does not match the expected API version (v1)"],
  ["POST", "", { metadata: { name: "b" }, data: { k: 1 } }, 400,
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string'],
  ["PUT", "/a", { metadata: {} }, 400, "the name of the object (a based on URL) was undeterminable: name must be provided"],
  ["PUT", "/a", { metadata: { name: "b" } }, 400, "the name of the object (b) does not match the name on the URL (a)"],
  ["PUT", "/a", { metadata: { name: "a", resourceVersion: "99" } }, 409,
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again'],
  ["PUT", "/a", { metadata: { name: "a", uid: "u" } }, 409, /Precondition failed: UID in precondition: u, UID in object meta: /],
  ["PUT", "/none", { metadata: { name: "none" } }, 404, 'configmaps "none" not found'],
] as const)("%s %s with %j is refused with %d", async (method, address, body, code, message) => {
  const api = await serverForTest();
  const client = await listenForTest(api);
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace } });
  const { text } = await client.request(method, `/api/v1/namespaces/default/configmaps${address}`, { body: JSON.stringify(body) });
  expect(JSON.parse(text)).toMatchObject({ code, message: typeof message === "string" ? message : (expect.stringMatching(message) as string) });
});

test("an owner that is named twice counts once, and the client is told", async () => {
  const api = await serverForTest();
  const client = await listenForTest(api);
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u1" };
  const ownerReferences = [owner, { ...owner, uid: "u2" }, owner, { ...owner, controller: true }];
  const body = JSON.stringify({ metadata: { name: "a", ownerReferences } });
  const { headers, text } = await client.request("POST", "/api/v1/namespaces/default/configmaps", { body });
  expect(headers["warning"]).toMatch(/ownerReferences contains duplicate entries; API server dedups .* duplicate UID\(s\) observed: u1"$/);
  expect((JSON.parse(text) as ConfigMap).metadata.ownerReferences).toEqual([owner, { ...owner, uid: "u2" }, { ...owner, controller: true }]);
});

test("of a collection, what a list would show is deleted, page by page", async () => {
  const maps = (await serverForTest()).of(ConfigMap);
  for (const name of ["a", "b", "c", "d"]) await maps.create({ metadata: { name, namespace, labels: name === "b" ? {} : { l: "v" } } });
  const names = async () => (await maps.list(namespace)).items.map(({ metadata }) => metadata.name);
  const page = (await maps.deleteCollection(namespace, { labelSelector: "l=v", limit: 1 })) as { readonly metadata: { readonly continue: string } };
  expect(await names()).toEqual(["b", "c", "d"]);
  await maps.deleteCollection(namespace, { labelSelector: "l=v", limit: 1, continue: page.metadata.continue });
  expect(await names()).toEqual(["b", "d"]);
  await maps.deleteCollection(namespace);
  expect(await names()).toEqual([]);
});

test("a deletion by the older option is accepted rather than done, when something holds the object", async () => {
  const api = await serverForTest();
  const client = await listenForTest(api);
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace, finalizers: ["test/hold"] } });
  const remove = (body: object) => client.request("DELETE", "/api/v1/namespaces/default/configmaps/a", { body: JSON.stringify(body) });
  expect((await remove({ orphanDependents: false })).code).toBe(202);
  expect((await remove({ propagationPolicy: "Background" })).code).toBe(200);
});

test("before its time is up, a watch with bookmarks tells how far it has come", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const api = await startTestServer({ clock });
  const [log, without] = [new WatchLog(), new WatchLog()];
  api.of(ConfigMap).watch(namespace, { timeoutSeconds: 5, allowWatchBookmarks: true, resourceVersion: "0" }, log);
  api.of(ConfigMap).watch(namespace, { timeoutSeconds: 5 }, without);
  const { metadata } = await api.of(ConfigMap).create({ metadata: { name: "a", namespace } });
  await log.count(2);
  await clock.advance(5000);
  await Promise.all([log.over(), without.over()]);
  expect(log.lines).toEqual(["BOOKMARK", "ADDED a", "BOOKMARK"]);
  expect(log.events.at(-1)?.object.metadata).toEqual({ resourceVersion: metadata.resourceVersion });
  expect(without.lines).toEqual(["ADDED a"]);
  await api.close();
});

test("one name is asked for in the path and in a selector, or refused", async () => {
  const maps = (await serverForTest()).transport(admin);
  const watch = (fieldSelector: string) => {
    const log = new WatchLog();
    maps.watch({ verb: "watch", resource: ConfigMap, namespace, name: "a", query: { fieldSelector, timeoutSeconds: 1 } }, log);
    return log.over();
  };
  expect(await watch("metadata.name=b")).toMatchObject({ code: 400, message: "fieldSelector metadata.name doesn't match requested name" });
  expect(await watch("metadata.name=a")).toBeUndefined();
});

test("what goes on to somebody else cannot be tried out, and its query is none of ours", async () => {
  const api = await serverForTest();
  const client = await listenForTest(api);
  await api.of(Pod).create({ metadata: { name: "a", namespace }, spec: { containers: [{ name: "c", image: "i" }] } });
  const post = async (query: string) => JSON.parse((await client.request("POST", `/api/v1/namespaces/default/pods/a/proxy/x?${query}`)).text) as object;
  expect(await post("dryRun=All")).toMatchObject({ code: 400, message: "dryRun is not supported" });
  expect(await post("fieldValidation=mine")).toMatchObject({ code: 400, message: "address not allowed" });
});

test("a new pod has no status of its own, a new node comes with one, and later neither is written with the object", async () => {
  const api = await serverForTest();
  const containers = [{ name: "main", image: "a" }];
  const pod = await api.of(Pod).create({ metadata: { name: "a", namespace }, spec: { containers }, status: { reason: "Mine" } });
  expect(pod.status.reason).toBeUndefined();
  const node = await api.of(Node).create({ metadata: { name: "a" }, status: { capacity: { cpu: "4" } } });
  expect(node.status).toMatchObject({ capacity: { cpu: "4" }, allocatable: { cpu: "4" } });
  const updated = await api.of(Node).update({ ...node, status: { capacity: { cpu: "8" } } });
  expect(updated.status).toMatchObject({ capacity: { cpu: "4" } });
});
