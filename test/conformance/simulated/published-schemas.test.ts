import { expect } from "vitest";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { New } from "#machinery/kind.ts";
import { conformance, type Stage } from "../conformance.ts";
import { definition, type Schema } from "../custom-resources.ts";
import { plainHttp } from "../plain-http.ts";

interface Description {
  readonly definitions: { readonly [name: string]: { readonly properties?: Schema; readonly [field: string]: unknown } };
}

const named: Schema = { type: "string", description: "Name of Bar." };
const foo: Schema = {
  type: "object", description: "Foo CRD for Testing", properties: {
    spec: { type: "object", description: "Specification of Foo", properties: {
      bars: { type: "array", items: { type: "object", required: ["name"], properties: { name: named, age: { type: "string" }, bazs: { type: "array", items: { type: "string" } } } } },
    } },
    status: { type: "object", description: "Status of Foo", properties: { bars: { type: "array", items: { type: "object", properties: { name: named } } } } },
  },
};
const waldo: Schema = {
  type: "object", description: "Waldo CRD for Testing", properties: {
    spec: { type: "object", description: "Specification of Waldo", properties: { dummy: { type: "string", description: "Dummy property." } } },
  },
};

const begins = "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]";
const versionOf = (name: string, schema: Schema, storage = true): object => ({ name, served: true, storage, schema: { openAPIV3Schema: schema } });
const namesOf = (kind: string): object => ({ plural: `${kind.toLowerCase()}s`, kind, listKind: `${kind}List` });

async function define(stage: Stage, kind: string, suffix: string, ...versions: readonly object[]): Promise<CustomResourceDefinition> {
  const made = definition(stage, {}, suffix, { names: namesOf(kind), versions });
  return stage.of(CustomResourceDefinition)
    .create({ ...made, metadata: { name: `${kind.toLowerCase()}s.${String(made.spec?.group)}` } } as New<CustomResourceDefinition>);
}

/** Waits until the description of the API has the kind, or no longer, and returns how: without what every kind has. */
async function described({ cluster, until }: Stage, { spec: { group, names } }: CustomResourceDefinition, version: string, isThere = true): Promise<object | undefined> {
  const http = await plainHttp(cluster);
  const name = [...group.split(".").reverse(), version, names.kind].join(".");
  const find = async () => (await http.get<Description>("/openapi/v2")).definitions[name];
  await until(`${name} is ${isThere ? "" : "not "}described`, async () => (await find() !== undefined) === isThere);
  const found = await find();
  if (found === undefined) return undefined;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...properties } = found.properties ?? {};
  const { "x-kubernetes-group-version-kind": _groups, ...rest } = found;
  return { ...rest, properties };
}

conformance(`${begins} works for multiple CRDs of different groups [Conformance]`, async (stage) => {
  const [first, second] = [await define(stage, "Foo", "-foo", versionOf("v1", foo)), await define(stage, "Waldo", "-waldo", versionOf("v1beta1", waldo))];
  expect(first.spec.group).not.toBe(second.spec.group);
  expect(await described(stage, first, "v1")).toEqual(foo);
  expect(await described(stage, second, "v1beta1")).toEqual(waldo);
  await stage.of(CustomResourceDefinition).delete("", first.metadata.name);
  expect(await described(stage, first, "v1", false)).toBeUndefined();
  expect(await described(stage, second, "v1beta1")).toEqual(waldo);
});

conformance(`${begins} works for multiple CRDs of same group and version but different kinds [Conformance]`, async (stage) => {
  const [first, second] = [await define(stage, "Foo", "", versionOf("v6", foo)), await define(stage, "Waldo", "", versionOf("v6", waldo))];
  expect(first.spec.group).toBe(second.spec.group);
  expect(await described(stage, first, "v6")).toEqual(foo);
  expect(await described(stage, second, "v6")).toEqual(waldo);
});

conformance(`${begins} removes definition from spec when one version gets changed to not be served [Conformance]`, async (stage) => {
  const { of } = stage;
  const { metadata: { name } } = await define(stage, "Foo", "", versionOf("v5", foo), versionOf("v6alpha1", foo, false));
  const current = await stage.until("both are described", async () => {
    const made = await of(CustomResourceDefinition).get("", name);
    return await described(stage, made, "v5") !== undefined && await described(stage, made, "v6alpha1") !== undefined && made;
  });
  const [kept, ended] = current.spec.versions;
  await of(CustomResourceDefinition).update({ ...current, spec: { ...current.spec, versions: [kept!, { ...ended!, served: false }] } });
  expect(await described(stage, current, "v6alpha1", false)).toBeUndefined();
  expect(await described(stage, current, "v5")).toEqual(foo);
});
