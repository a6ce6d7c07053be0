import { afterAll, beforeAll, expect, test } from "vitest";
import { SimulatedKubectl } from "../../e2e/simulated-kubectl.ts";
import { describeWith } from "../../requirements.ts";

let kubectl: SimulatedKubectl;

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const foo = {
  type: "object", description: "Foo CRD for Testing", properties: {
    spec: { type: "object", description: "Specification of Foo", properties: {
      bars: { type: "array", description: "List of Bars and their specs.", items: { type: "object", required: ["name"], properties: {
        name: { type: "string", description: "Name of Bar." }, age: { type: "string", description: "Age of Bar." },
        feeling: { type: "string", description: "Whether Bar is feeling great.", enum: ["Great", "Down"] },
        bazs: { type: "array", description: "List of Bazs.", items: { type: "string" } },
      } } },
    } },
    status: { type: "object", description: "Status of Foo" },
  },
};

/** Makes a definition of `kind`, and waits until it is there for kubectl. */
async function define(kind: string, schema: object): Promise<void> {
  const [plural, group] = [`${kind.toLowerCase()}s`, `${kind.toLowerCase()}.example.com`];
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `${plural}.${group}` } };
  await kubectl.run("create -f -", JSON.stringify({ ...definition, spec: { group, scope: "Namespaced", names: { plural, kind }, versions } }));
  await kubectl.run(`wait --for=condition=Established crd/${plural}.${group} --timeout=30s`);
}

const instanceOf = (kind: string, fields: object): string =>
  JSON.stringify({ apiVersion: `${kind.toLowerCase()}.example.com/v1`, kind, metadata: { name: "test" }, ...fields });

/** kubectl, which validates, takes the instance by both ways of making it. */
async function takes(kind: string, fields: object): Promise<void> {
  for (const command of ["create -f -", "apply -f -"]) {
    await kubectl.run(command, instanceOf(kind, fields));
    await kubectl.run(`delete ${kind.toLowerCase()}s test`);
  }
}

async function refuses(kind: string, fields: object, why: string): Promise<void> {
  for (const command of ["create -f -", "apply -f -"]) {
    expect(await kubectl.try(command, instanceOf(kind, fields))).toMatchObject({ code: 1, stderr: expect.stringContaining(why) as string });
  }
}

const begins = "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD";

describeWith(["linux"], "what is published of custom resources, as kubectl reads it", () => {
  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
  });
  afterAll(() => kubectl.stop());

  test(`${begins} with validation schema [Conformance]`, async () => {
    await define("Foo", foo);
    await takes("Foo", { spec: { bars: [{ name: "test-bar" }] } });
    await refuses("Foo", { spec: { bars: [{ name: "test-bar", feeling: "NonExistentValue" }] } }, 'Unsupported value: "NonExistentValue"');
    await refuses("Foo", { spec: { foo: true } }, 'unknown field "spec.foo"');
    await refuses("Foo", { spec: { bars: [{ age: "10" }] } }, "spec.bars[0].name: Required value");
    expect(await kubectl.run("explain foos")).toMatch(
      /DESCRIPTION:.*Foo CRD for Testing.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*Specification of Foo/s,
    );
    expect(await kubectl.run("explain foos.metadata")).toMatch(/DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>/s);
    expect(await kubectl.run("explain foos.spec")).toMatch(/DESCRIPTION:.*Specification of Foo.*FIELDS:.*bars.*<\[\]Object>.*List of Bars and their specs/s);
    expect(await kubectl.run("explain foos.spec.bars")).toMatch(
      /FIELD:.*bars.*<\[\]Object>.*DESCRIPTION:.*List of Bars and their specs.*FIELDS:.*bazs.*<\[\]string>.*List of Bazs.*name.*<string>.*Name of Bar/s,
    );
    expect(await kubectl.try("explain foos.spec.bars2")).toMatchObject({ code: 1, stderr: expect.stringContaining('field "bars2" does not exist') as string });
  });

  test(`${begins} without validation schema [Conformance]`, async () => {
    await define("Empty", anything);
    await takes("Empty", { a: { b: [{ c: "d" }] } });
    expect(await kubectl.run("explain emptys")).toMatch(/DESCRIPTION:.*<empty>/s);
  });

  test(`${begins} preserving unknown fields at the schema root [Conformance]`, async () => {
    const fields = { spec: { type: "object", description: "Specification of Waldo", properties: { dummy: { type: "string" } } } };
    await define("Waldo", { ...anything, description: "preserve-unknown-properties at root for Testing", properties: fields });
    await takes("Waldo", { a: { b: [{ c: "d" }] } });
    expect(await kubectl.run("explain waldos")).toMatch(/KIND:.*Waldo/);
  });

  test(`${begins} preserving unknown fields in an embedded object [Conformance]`, async () => {
    const description = "preserve-unknown-properties in nested field for Testing";
    await define("Nested", { type: "object", description, properties: { spec: { ...anything, description: "Specification of Nested" } } });
    await takes("Nested", { spec: { a: null, b: [{ c: "d" }] } });
    expect(await kubectl.run("explain nesteds")).toMatch(/DESCRIPTION:.*preserve-unknown-properties in nested field for Testing/s);
  });
});
