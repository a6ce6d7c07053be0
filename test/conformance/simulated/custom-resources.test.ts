import { expect } from "vitest";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { HttpAnswer, HttpClient } from "#apiserver/testing/http-client.ts";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import { conformance } from "../conformance.ts";
import { anything, definition, instance, metadata, noxusOf, type Schema, served } from "../custom-resources.ts";

const typed: Schema = {
  type: "object", properties: {
    metadata, spec: {
      type: "object", properties: {
        cronSpec: { type: "string", pattern: String.raw`^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$` }, foo: { type: "string" },
        ports: { type: "array", "x-kubernetes-list-map-keys": ["containerPort", "protocol"], "x-kubernetes-list-type": "map", items: {
          type: "object", required: ["containerPort", "protocol"], properties: { containerPort: { type: "integer", format: "int32" }, name: { type: "string" }, protocol: { type: "string" } },
        } },
      },
    },
  },
};

const create = (http: HttpClient, path: string, body: string): Promise<HttpAnswer> => http.request("POST", `${path}?fieldValidation=Strict`, { body });
const apply = (http: HttpClient, path: string, name: string, body: object): Promise<HttpAnswer> => http.request(
  "PATCH", `${path}/${name}?fieldManager=e2e&fieldValidation=Strict`, { body: JSON.stringify(body), headers: { "content-type": "application/apply-patch+yaml" } });
const begins = "[sig-api-machinery] FieldValidation should";

conformance(`${begins} create/apply a CR with unknown fields for CRD with no validation schema [Conformance]`, async (stage) => {
  const { http, group, path } = await served(stage, anything);
  expect(await create(http, path, JSON.stringify(instance(group, "created", { foo: "bar", unknown: 1 })))).toMatchObject({ code: 201 });
  expect(await apply(http, path, "applied", instance(group, "applied", { foo: "bar", unknown: 1 }))).toMatchObject({ code: 201 });
});

conformance(`${begins} create/apply a valid CR for CRD with validation schema [Conformance]`, async (stage) => {
  const { http, group, path } = await served(stage, typed);
  const spec = { cronSpec: "* * * * */5", ports: [{ name: "x", containerPort: 80, protocol: "TCP" }] };
  expect(await create(http, path, JSON.stringify(instance(group, "created", spec)))).toMatchObject({ code: 201 });
  expect(await apply(http, path, "applied", instance(group, "applied", spec))).toMatchObject({ code: 201 });
});

conformance(`${begins} create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]`, async (stage) => {
  const { http, group, path } = await served(stage, typed);
  const invalid = (name: string) => instance(group, name, { cronSpec: "* * * * */5", extraProperty: "arbitrary" });
  const created = await create(http, path, JSON.stringify(invalid("created")));
  expect(created.code).toBe(400);
  expect(created.text).toContain(String.raw`strict decoding error: unknown field \"spec.extraProperty\"`);
  const applied = await apply(http, path, "applied", invalid("applied"));
  expect(applied.text).toContain(".spec.extraProperty: field not declared in schema");
});

conformance(`${begins} detect duplicates in a CR when preserving unknown fields [Conformance]`, async (stage) => {
  const { http, group, path } = await served(stage, anything);
  const body = JSON.stringify(instance(group, "double", { foo: "foo1" })).replace('"foo":"foo1"', '"unknown":"uk1","unknown":"uk2","foo":"foo1"');
  const { code, text } = await create(http, path, body);
  expect(code).toBe(400);
  expect(text).toContain(String.raw`strict decoding error: duplicate field \"spec.unknown\"`);
});

conformance(`${begins} detect unknown metadata fields in both the root and embedded object of a CR [Conformance]`, async (stage) => {
  const template = { type: "object", "x-kubernetes-embedded-resource": true, properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata } };
  const { http, group, path } = await served(stage, { type: "object", properties: { metadata, spec: { type: "object", properties: { template } } } });
  const embedded = { apiVersion: "v1", kind: "Inner", metadata: { name: "inner", unknownSubMeta: "b" } };
  const { code, text } = await create(http, path, JSON.stringify(instance(group, "odd", { template: embedded }, { unknownMeta: "a" })));
  expect(code).toBe(400);
  for (const field of ["metadata.unknownMeta", "spec.template.metadata.unknownSubMeta"]) expect(text).toContain(String.raw`unknown field \"${field}\"`);
});

const simple = "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition";

conformance(`${simple} creating/deleting custom resource definition objects works [Conformance]`, async (stage) => {
  const { of, until } = stage;
  const { metadata: { name } } = await of(CustomResourceDefinition).create(definition(stage, anything));
  await of(CustomResourceDefinition).delete("", name);
  await until("it is gone", async () => (await of(CustomResourceDefinition).list("")).items.every((each) => each.metadata.name !== name));
});

conformance(`${simple} listing custom resource definition objects works [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  const list = async () => (await of(CustomResourceDefinition).list("", { labelSelector: `${namespace}=crd` })).items;
  for (let index = 0; index < 10; index++) await of(CustomResourceDefinition).create(definition(stage, anything, `-${index}`));
  expect(await list()).toHaveLength(10);
  await of(CustomResourceDefinition).deleteCollection("", { labelSelector: `${namespace}=crd` });
  await until("they are gone", async () => (await list()).length === 0);
});

conformance(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery " +
  "documents [Conformance]",
  async (stage) => {
    const { http } = await served(stage, anything);
    const { groups } = await http.get<{ readonly groups: readonly object[] }>("/apis");
    expect(groups).toContainEqual(expect.objectContaining({ name: "apiextensions.k8s.io" }));
    expect(await http.get("/apis/apiextensions.k8s.io")).toMatchObject({ versions: [{ groupVersion: "apiextensions.k8s.io/v1", version: "v1" }] });
    const { resources } = await http.get<{ readonly resources: readonly object[] }>("/apis/apiextensions.k8s.io/v1");
    expect(resources).toContainEqual(expect.objectContaining({ name: "customresourcedefinitions" }));
  },
);

conformance("[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]", async (stage) => {
  const { http, group } = await served(stage, anything);
  const { items } = await http.get<{ readonly items: readonly object[] }>("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  expect(items.find((item) => (item as { readonly metadata: { readonly name: string } }).metadata.name === group)).toMatchObject({
    versions: [{ version: "v1", resources: [{ resource: "noxus", responseKind: { group, version: "v1", kind: "Noxu" } }] }],
  });
});

conformance(
  "[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects " +
  "[Conformance]",
  async (stage) => {
    const { http, group, path } = await served(stage, anything);
    const log = new WatchLog();
    const reference = { group, version: "v1", kind: "Noxu", plural: "noxus", namespaced: true };
    const watch = stage.of(reference).watch(stage.namespace, { resourceVersion: "0" }, log);
    for (const name of ["name1", "name2"]) await create(http, path, JSON.stringify(instance(group, name, {})));
    for (const name of ["name1", "name2"]) {
      await http.request("PATCH", `${path}/${name}`, { body: '{"spec":{"dummy":"test"}}', headers: { "content-type": "application/merge-patch+json" } });
    }
    for (const name of ["name1", "name2"]) await http.request("DELETE", `${path}/${name}`);
    await log.count(6);
    watch.close();
    expect(log.lines).toEqual(["ADDED name1", "ADDED name2", "MODIFIED name1", "MODIFIED name2", "DELETED name1", "DELETED name2"]);
  },
);

conformance(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]",
  async (stage) => {
    const { of, namespace } = stage;
    const { http, group, path } = await served(stage, anything);
    const read = (name: string) => http.get<{ readonly a?: string; readonly b?: string }>(`${path}/${name}`);
    const withDefaults = async (a: object, b: object): Promise<void> => {
      const schema = { ...anything, properties: { a: { type: "string", ...a }, b: { type: "string", ...b } } };
      const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }];
      await of(CustomResourceDefinition).patch("", `noxus.${group}`, "application/merge-patch+json", { spec: { versions } });
    };
    const { metadata: { name: first } } = await of(noxusOf(group)).create({ ...instance(group, "foo", {}, { namespace }) });
    expect(await read(first)).not.toHaveProperty("a");
    await withDefaults({ default: "A" }, {});
    expect(await read(first)).toMatchObject({ a: "A" });
    expect(await of(noxusOf(group)).create({ ...instance(group, "bar", {}, { namespace }) })).toMatchObject({ a: "A" });
    await withDefaults({}, { default: "B" });
    expect(await read(first)).toMatchObject({ b: "B" });
    expect(await read(first)).not.toHaveProperty("a");
    expect(await read("bar")).toMatchObject({ a: "A", b: "B" });
  },
);
