import { describe, expect, it } from "vitest";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import { conditionOf, holdsTrue } from "#api/apiextensions/conditions.ts";
import { Discovery } from "../discovery/discovery.ts";
import { OpenApi } from "../openapi/openapi.ts";
import { serverForTest } from "../testing/api-server.ts";
import { listenForTest } from "../testing/http-server.ts";
import { WatchLog } from "../testing/watch-log.ts";
import { define, definitionWhere, serverWith, specOf, widget, widgets, Widgets } from "./testing/definitions.ts";

describe("a definition", () => {
  it("becomes a kind that is created, read, listed, watched, changed and deleted like any other", async () => {
    const { server, resource } = await serverWith();
    const log = new WatchLog();
    resource.watch("default", {}, log);
    const created = await resource.create(widget("a", { color: "red" }));
    expect(created.metadata).toMatchObject({ generation: 1, namespace: "default", resourceVersion: expect.any(String) as string });
    expect(await resource.get("default", "a")).toEqual(created);
    expect((await resource.list("default")).items).toEqual([created]);
    const changed = await resource.update({ ...created, spec: { color: "blue" } });
    expect(changed.metadata.generation).toBe(2);
    const patched = await resource.patch("default", "a", "application/merge-patch+json", { spec: { color: null, size: 3 } });
    expect(patched.spec).toEqual({ size: 3 });
    await resource.delete("default", "a");
    await log.count(4);
    expect(log.lines).toEqual(["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"]);
    expect(server.errors).toEqual([]);
  });

  it("says in its status which names it has and that it is established", async () => {
    const server = await serverForTest();
    const definition = await define(server, widgets({}, { names: { plural: "widgets", kind: "Widget", shortNames: ["wd"], categories: ["all"] } }));
    expect(definition.status.acceptedNames).toEqual({
      plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList", shortNames: ["wd"], categories: ["all"],
    });
    expect(definition.status.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["NamesAccepted", "True", "NoConflicts"], ["Established", "True", "InitialNamesAccepted"],
    ]);
    expect(definition.status.storedVersions).toEqual(["v1"]);
  });

  it("does not get names that another one of its group has, until that one is gone", async () => {
    const server = await serverForTest();
    await define(server, widgets());
    const rival = widgets({}, { names: { plural: "gadgets", singular: "gadget", kind: "Widget", shortNames: ["widget"] } }, { name: "gadgets.example.com" });
    await server.of(CustomResourceDefinition).create(rival);
    const refused = await definitionWhere(server, "gadgets.example.com", (each) => conditionOf(each, "NamesAccepted") !== undefined);
    expect(conditionOf(refused, "NamesAccepted")).toMatchObject({ status: "False", reason: "ListKindConflict", message: '"WidgetList" is already in use' });
    expect(conditionOf(refused, "Established")).toMatchObject({ status: "False", reason: "NotAccepted" });
    expect(refused.status.acceptedNames).toEqual({ plural: "gadgets", singular: "gadget" });
    await server.of(CustomResourceDefinition).delete("", "widgets.example.com");
    await definitionWhere(server, "gadgets.example.com", (each) => holdsTrue(each, "Established"));
  });

  it("takes its objects with it when it is deleted, and waits for their finalizers", async () => {
    const { server, resource } = await serverWith();
    await resource.create(widget("a"));
    const held = await resource.create(widget("b", {}, { metadata: { name: "b", namespace: "default", finalizers: ["example.com/hold"] } }));
    await server.of(CustomResourceDefinition).delete("", "widgets.example.com");
    await definitionWhere(server, "widgets.example.com", (each) => conditionOf(each, "Terminating")?.reason === "InstanceDeletionInProgress");
    await expect(resource.create(widget("c"))).rejects.toMatchObject({
      code: 405, message: "create not allowed while custom resource definition is terminating",
    });
    const waiting = await resource.get("default", "b");
    expect(waiting.metadata.deletionTimestamp).toBeDefined();
    const log = new WatchLog();
    server.of(CustomResourceDefinition).watch("", { resourceVersion: held.metadata.resourceVersion }, log);
    await resource.patch("default", "b", "application/merge-patch+json", { metadata: { finalizers: null } });
    for (let seen = 1; log.events.at(-1)?.type !== "DELETED"; seen++) await log.count(seen);
    await expect(resource.list("default")).rejects.toMatchObject({ code: 404 });
    expect(server.errors).toEqual([]);
  });

  it("ends the watches of a version that is no longer served", async () => {
    const { server, resource } = await serverWith(widgets({}, {
      versions: [
        { name: "v1", served: true, storage: false, schema: { openAPIV3Schema: { type: "object" } } },
        { name: "v2", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
      ],
    }));
    const log = new WatchLog();
    resource.watch("default", {}, log);
    await resource.create(widget("a"));
    await log.count(1);
    expect(log.events[0]?.object).toMatchObject({ apiVersion: "example.com/v1" });
    expect((await server.of({ ...Widgets, version: "v2" }).get("default", "a")).apiVersion).toBe("example.com/v2");
    await server.of(CustomResourceDefinition).patch("", "widgets.example.com", "application/json-patch+json", [
      { op: "replace", path: "/spec/versions/0/served", value: false },
    ]);
    await log.over();
    await expect(resource.list("default")).rejects.toMatchObject({ code: 404 });
  });

  it("is served again after a restart, with its objects", async () => {
    const first = await serverForTest();
    await define(first, widgets());
    await first.of(Widgets).create(widget("a"));
    await first.server.close();
    const second = await serverForTest({ store: first.store });
    expect((await second.of(Widgets).list("")).items.map(({ metadata }) => metadata.name)).toEqual(["a"]);
  });
});

it("warns of a version that is deprecated, in its own words or with the one to take", async () => {
  const { schema } = specOf({});
  const version = (name: string, more: object): object => ({ name, served: true, storage: name === "v1", schema, ...more });
  const versions = [version("v1", {}), version("v1beta1", { deprecated: true }), version("v1alpha1", { deprecated: true, deprecationWarning: "too old" })];
  const { server } = await serverWith(widgets({}, { versions } as never));
  const http = await listenForTest(server);
  const warning = async (name: string): Promise<unknown> => (await http.request("GET", `/apis/example.com/${name}/widgets`)).headers["warning"];
  expect(await warning("v1")).toBeUndefined();
  expect(await warning("v1beta1")).toBe('299 - "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"');
  expect(await warning("v1alpha1")).toBe('299 - "too old"');
});

describe("an object", () => {
  const shapes = widgets(specOf({
    color: { type: "string", default: "red", enum: ["red", "blue"] },
    size: { type: "integer", minimum: 1 },
    parts: { type: "array", items: { type: "object", properties: { name: { type: "string" }, count: { type: "integer", default: 1 } } } },
  }));

  it("loses fields that its schema does not know, with a warning, and gets its defaults", async () => {
    const { resource } = await serverWith(shapes);
    const created = await resource.create(widget("a", { size: 2, shape: "round", parts: [{ name: "x", weight: 3 }] }));
    expect(created.spec).toEqual({ color: "red", size: 2, parts: [{ name: "x", count: 1 }] });
    await expect(resource.create(widget("b", { shape: "round" }), { fieldValidation: "Strict" })).rejects.toMatchObject({
      code: 400, message: expect.stringContaining('strict decoding error: unknown field "spec.shape"') as string,
    });
  });

  it("is refused with everything that is wrong", async () => {
    const { resource } = await serverWith(shapes);
    const refused = resource.create(widget("a", { color: "green", size: 0, parts: [{ name: 3 }] }));
    await expect(refused).rejects.toMatchObject({
      code: 422,
      message: 'Widget.example.com "a" is invalid: [' +
        'spec.color: Unsupported value: "green": supported values: "red", "blue", ' +
        "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, " +
        'spec.parts[0].name: Invalid value: "integer": spec.parts[0].name in body must be of type string: "integer"]',
    });
  });

  it("is described in OpenAPI and discovery as soon as there is a definition", async () => {
    const { server } = await serverWith(shapes);
    const openApi = new OpenApi(server.server.registry);
    const described = JSON.parse(Buffer.from(openApi.group("apis/example.com/v1")?.body ?? "").toString()) as {
      readonly components: { readonly schemas: { readonly [name: string]: unknown } };
    };
    expect(described.components.schemas["com.example.v1.Widget"]).toMatchObject({
      type: "object",
      properties: { kind: { type: "string" }, spec: { properties: { color: { type: "string", default: "red", enum: ["red", "blue"] } } } },
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Widget" }],
    });
    const discovery = new Discovery(server.server.registry, "127.0.0.1:6443");
    const before = discovery.answer("/apis", undefined, undefined)?.headers["etag"];
    await define(server, widgets({}, { names: { plural: "gadgets", kind: "Gadget" } }, { name: "gadgets.example.com" }));
    expect(discovery.answer("/apis/example.com/v1", undefined, undefined)?.body).toContain('"name":"gadgets"');
    expect(discovery.answer("/apis", undefined, undefined)?.headers["etag"]).toBe(before);
  });

  it("takes no strategic merge patch", async () => {
    const { resource } = await serverWith();
    await resource.create(widget("a"));
    await expect(resource.patch("default", "a", "application/strategic-merge-patch+json", {})).rejects.toMatchObject({ code: 415 });
  });
});
