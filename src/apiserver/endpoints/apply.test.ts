import { expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Event as CoreEvent } from "#api/core/event.ts";
import { Event } from "#api/events/event.ts";
import type { ApiQuery } from "#client/transport.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { serverForTest, type TestServer } from "../testing/api-server.ts";

const namespace = "default";
const applyType = "application/apply-patch+yaml";

function applier<T extends KubeObject>({ of }: TestServer, kind: KindReference<T>) {
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  return (fieldManager: string, configuration: object, query: ApiQuery = {}, subresource?: string): Promise<T> =>
    of(kind).patch(namespace, "web", applyType, { apiVersion, kind: kind.kind, ...configuration }, { fieldManager, ...query }, subresource);
}

/** `manager operation apiVersion subresource: fields`, the fields of the spec and status only by name. */
function writersOf(object: KubeObject): string[] {
  const { managedFields = [] } = object.metadata as { readonly managedFields?: readonly Entry[] };
  return managedFields.map(({ manager, operation, apiVersion, subresource, fieldsV1 }) =>
    `${manager} ${operation} ${apiVersion}${subresource ? ` ${subresource}` : ""}: ${Object.keys(fieldsV1).map((name) => name.slice(2)).join()}`);
}

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

const labels = { app: "web" };
const spec = (image: string, more: object = {}) =>
  ({ selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } }, ...more });

test("whoever writes is recorded: by what, at which version, through which subresource", async () => {
  const api = await serverForTest();
  const apply = applier(api, Deployment);
  await apply("ann", { spec: spec("web:1") });
  await apply("controller", { status: { replicas: 1, observedGeneration: 1 } }, {}, "status");
  await api.of(Deployment).patch(namespace, "web", "application/merge-patch+json", { spec: { replicas: 5 } }, { fieldManager: "scaler" }, "scale");
  await api.of(Deployment).patch(namespace, "web", "application/merge-patch+json", { metadata: { labels: { l: "v" } } }, { fieldManager: "labeller" });
  const object = await api.of(Deployment).get(namespace, "web");
  expect(writersOf(object)).toEqual([
    "ann Apply apps/v1: spec", "controller Apply apps/v1 status: status", "labeller Update apps/v1: metadata", "scaler Update apps/v1 scale: spec",
  ]);
  expect(object).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 1 } });
});

test("what is another's is refused in words that say whose, and how it was written", async () => {
  const api = await serverForTest();
  const apply = applier(api, Deployment);
  await apply("ann", { spec: spec("web:1", { replicas: 1 }) });
  await expect(apply("bob", { spec: spec("web:2", { replicas: 2 }) })).rejects.toMatchObject({
    code: 409, reason: "Conflict",
    message: 'Apply failed with 2 conflicts: conflicts with "ann":\n- .spec.replicas\n- .spec.template.spec.containers[name="web"].image',
    body: {
      details: {
        causes: [
          { reason: "FieldManagerConflict", message: 'conflict with "ann"', field: ".spec.replicas" },
          { reason: "FieldManagerConflict", message: 'conflict with "ann"', field: '.spec.template.spec.containers[name="web"].image' },
        ],
      },
    },
  });
  await api.of(Deployment).patch(namespace, "web", "application/merge-patch+json", { spec: { replicas: 3 } }, { fieldManager: "hpa" }, "scale");
  await expect(apply("ann", { spec: spec("web:1", { replicas: 1 }) })).rejects.toMatchObject({
    message: 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
  });
});

test("who no longer says something gives it up; it goes unless another wants it", async () => {
  const apply = applier(await serverForTest(), ConfigMap);
  await apply("ann", { data: { a: "1", b: "1" } });
  await apply("bob", { data: { b: "1" } });
  const left = await apply("ann", { data: {} });
  expect(left.data).toEqual({ b: "1" });
  expect(writersOf(left)).toEqual(["ann Apply v1: data", "bob Apply v1: data"]);
  expect((await apply("bob", { data: {} })).data ?? {}).toEqual({});
});

test("with force, what is another's becomes the applier's alone", async () => {
  const apply = applier(await serverForTest(), ConfigMap);
  await apply("ann", { data: { a: "1", b: "1" } });
  const taken = await apply("bob", { data: { a: "2" } }, { force: true });
  expect(taken.data).toEqual({ a: "2", b: "1" });
  // What ann applied is bob's now, so that ann can let go of it, and not have it back.
  await expect(apply("ann", { data: { a: "1", b: "1" } })).rejects.toMatchObject({ message: 'Apply failed with 1 conflict: conflict with "bob": .data.a' });
  expect((await apply("ann", { data: { b: "1" } })).data).toEqual({ a: "2", b: "1" });
});

test("an applier is the same one at another version", async () => {
  const api = await serverForTest();
  const note = { reason: "Tested", type: "Normal", action: "Test", reportingController: "test.dev/c", reportingInstance: "i", eventTime: "2026-01-01T00:00:00.000000Z" };
  const regarding = { kind: "ConfigMap", name: "a", namespace };
  await applier(api, Event)("ann", { ...note, regarding, note: "first", metadata: { labels: { l: "1" } } });
  const core = { involvedObject: regarding, message: "first", reason: note.reason, type: note.type };
  const moved = await applier(api, CoreEvent)("ann", { ...core, metadata: { labels: { l: "2" } } });
  expect(moved.metadata.labels).toEqual({ l: "2" });
  expect(writersOf(moved).filter((writer) => writer.startsWith("ann Apply"))).toHaveLength(1);
});

test("who reads, changes and puts back an object takes what changed, whoever else owns the rest", async () => {
  const api = await serverForTest();
  const apply = applier(api, ConfigMap);
  const applied = await apply("ann", { data: { a: "1", b: "1" } });
  const put = await api.of(ConfigMap).update({ ...applied, data: { a: "1", b: "2" } }, { fieldManager: "bob" });
  expect(writersOf(put)).toEqual(["ann Apply v1: data", "bob Update v1: data"]);
  await expect(apply("ann", { data: { a: "1", b: "1" } })).rejects.toMatchObject({ message: 'Apply failed with 1 conflict: conflict with "bob" using v1: .data.b' });
});

test("owners are forgotten when a client says so, and recorded again from the next application on", async () => {
  const api = await serverForTest();
  const apply = applier(api, ConfigMap);
  await apply("ann", { data: { a: "1" } });
  const reset = await api.of(ConfigMap).patch(namespace, "web", "application/merge-patch+json", { metadata: { managedFields: [{}] } });
  expect(writersOf(reset)).toEqual([]);
  expect(writersOf(await api.of(ConfigMap).patch(namespace, "web", "application/merge-patch+json", { data: { b: "1" } }))).toEqual([]);
  expect(writersOf(await apply("bob", { data: { a: "1" } }))).toEqual(["bob Apply v1: data", "before-first-apply Update v1: data"]);
});

test("malformed owners count for nothing, and none may be applied", async () => {
  const api = await serverForTest();
  await applier(api, ConfigMap)("ann", { data: { a: "1" } });
  const patch = (managedFields: readonly object[]) =>
    api.of(ConfigMap).patch(namespace, "web", "application/merge-patch+json", { metadata: { managedFields } });
  expect(writersOf(await patch([{ manager: "m", operation: "Guess", fieldsType: "FieldsV2", fieldsV1: {} }]))).toEqual(["ann Apply v1: data"]);
  await expect(applier(api, ConfigMap)("ann", { metadata: { managedFields: [{ manager: "m" }] } })).rejects.toMatchObject({
    code: 400, message: "metadata.managedFields must be nil",
  });
});

test("an object that is to have a certain uid is not made by applying", async () => {
  const apply = applier(await serverForTest(), ConfigMap);
  await expect(apply("ann", { metadata: { uid: "u" } })).rejects.toMatchObject({
    code: 409,
    message: 'Operation cannot be fulfilled on configmaps "web": uid mismatch: the provided object specified uid u, and no existing object was found',
  });
  const { metadata: { uid } } = await apply("ann", {});
  expect((await apply("ann", { metadata: { uid }, data: { a: "1" } })).data).toEqual({ a: "1" });
  await expect(apply("ann", { metadata: { uid: "u" } })).rejects.toMatchObject({ code: 409 });
});

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** What kubectl does without --server-side: it writes down what it applied, and patches. */
async function clientSideApply(api: TestServer, data: { readonly [key: string]: string }): Promise<void> {
  const configuration = { apiVersion: "v1" as const, data, kind: "ConfigMap" as const, metadata: { annotations: {}, name: "web", namespace } };
  const annotations = { [lastApplied]: `${JSON.stringify(configuration)}\n` };
  await api.of(ConfigMap).create({ ...configuration, metadata: { ...configuration.metadata, annotations } }, { fieldManager: "kubectl-client-side-apply" });
}

test("kubectl may go over to the server's side: what it applied itself is its own, and stays written down", async () => {
  const api = await serverForTest();
  await clientSideApply(api, { a: "1", b: "1" });
  const apply = applier(api, ConfigMap);
  const moved = await apply("kubectl", { metadata: { name: "web", namespace }, data: { a: "2", b: "1" } });
  expect(moved.data).toEqual({ a: "2", b: "1" });
  expect(JSON.parse(moved.metadata.annotations?.[lastApplied] ?? "")).toEqual({
    apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", namespace }, data: { a: "2", b: "1" },
  });
});

test("but what others have changed since is theirs, and other appliers migrate nothing", async () => {
  const api = await serverForTest();
  await clientSideApply(api, { a: "1", b: "1" });
  const apply = applier(api, ConfigMap);
  await expect(apply("helm", { data: { a: "2" } })).rejects.toMatchObject({
    message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
  });
  await api.of(ConfigMap).patch(namespace, "web", "application/merge-patch+json", { data: { b: "changed" } }, { fieldManager: "bob" });
  await expect(apply("kubectl", { data: { a: "2", b: "2" } })).rejects.toMatchObject({
    message: 'Apply failed with 1 conflict: conflict with "bob" using v1: .data.b',
  });
});
