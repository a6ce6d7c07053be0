import { afterAll, beforeAll, expect } from "vitest";
import { MutatingWebhookConfiguration } from "#api/admissionregistration/mutating-webhook-configuration.ts";
import { ValidatingWebhookConfiguration } from "#api/admissionregistration/validating-webhook-configuration.ts";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { conformance, type Stage } from "../conformance.ts";
import { anything, definition, metadata, type Noxu, noxusOf, type Schema, served } from "../custom-resources.ts";
import { patched, refusedFor, type ReviewRequest, WebhookServer } from "../webhook-server.ts";

const mergePatch = "application/merge-patch+json";
let webhooks: WebhookServer;

/** Adds the one key where the other is. */
const adds = (key: string, after: string) => ({ object: { data } }: ReviewRequest): object =>
  patched(...(data[after] === "yes" ? [{ op: "add", path: `/data/${key}`, value: "yes" }] : []));

/** From `hostPort` to `host` and `port`, and back. */
function converted({ hostPort, host, port, ...object }: Noxu, apiVersion: string): object {
  const [givenHost, givenPort] = typeof hostPort === "string" ? hostPort.split(":") : [host, port];
  return { ...object, apiVersion, ...(apiVersion.endsWith("/v1") ? { hostPort: `${String(givenHost)}:${String(givenPort)}` } : { host: givenHost, port: givenPort }) };
}

beforeAll(async () => {
  webhooks = await WebhookServer.start({
    "/crd": ({ object }) => refusedFor(object.metadata.labels?.["webhook-e2e-test"] === "webhook-disallow" && "the crd contains unwanted label"),
    "/stage-1": adds("mutation-stage-1", "mutation-start"),
    "/stage-2": adds("mutation-stage-2", "mutation-stage-1"),
    "/convert": ({ desiredAPIVersion, objects }) => ({
      result: { status: "Success" }, convertedObjects: objects.map((object) => converted(object as Noxu, desiredAPIVersion)),
    }),
  });
});
afterAll(() => webhooks.stop());

const webhook = (path: string, rule: object, more: object = {}): object => ({
  name: `${path.slice(1)}.k8s.io`, clientConfig: webhooks.at(path), sideEffects: "None", admissionReviewVersions: ["v1"],
  rules: [{ operations: ["CREATE", "UPDATE"], ...rule }], ...more,
});

/** Has two webhooks, one after the other, change the noxus of the group. */
async function mutated({ of, namespace: name }: Stage, group: string): Promise<void> {
  const rule = { apiGroups: [group], apiVersions: ["v1"], resources: ["noxus"] };
  await of(MutatingWebhookConfiguration)
    .create({ metadata: { name }, webhooks: [webhook("/stage-1", rule), webhook("/stage-2", rule)] } as New<MutatingWebhookConfiguration>);
}

const noxu = (apiVersion: string, namespace: string, name: string, more: object): New<Noxu> => ({ apiVersion, kind: "Noxu", metadata: { namespace, name }, ...more });
const withoutMetadata = ({ metadata: { name }, ...rest }: KubeObject): object => ({ name, ...rest });
const begins = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should";

conformance(`${begins} deny crd creation [Conformance]`, async (stage) => {
  const { of, namespace: name } = stage;
  const rule = { operations: ["CREATE"], apiGroups: ["apiextensions.k8s.io"], apiVersions: ["*"], resources: ["customresourcedefinitions"] };
  await of(ValidatingWebhookConfiguration).create({ metadata: { name }, webhooks: [webhook("/crd", rule)] } as New<ValidatingWebhookConfiguration>);
  const wanted = definition(stage, anything);
  const unwanted = { ...wanted, metadata: { ...wanted.metadata, labels: { "webhook-e2e-test": "webhook-disallow" } } };
  await expect(of(CustomResourceDefinition).create(unwanted)).rejects.toThrow("the crd contains unwanted label");
});

conformance(`${begins} mutate custom resource with pruning [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const text = { type: "string" };
  const data = { type: "object", properties: { "mutation-start": text, "mutation-stage-1": text } };
  const { group } = await served(stage, { type: "object", properties: { metadata, data } });
  await mutated(stage, group);
  const created = await of(noxusOf(group)).create(noxu(`${group}/v1`, namespace, "pruned", { data: { "mutation-start": "yes" } }));
  expect(created["data"]).toEqual({ "mutation-start": "yes", "mutation-stage-1": "yes" });
});

conformance(`${begins} mutate custom resource with different stored version [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const versions = (stored: string): object[] => ["v1", "v2"]
    .map((name) => ({ name, served: true, storage: name === stored, schema: { openAPIV3Schema: anything } }));
  const { group } = await served(stage, anything, { versions: versions("v1") });
  await mutated(stage, group);
  const created = await of(noxusOf(group)).create(noxu(`${group}/v1`, namespace, "stored", { data: { "mutation-start": "yes" } }));
  expect(created["data"]).toEqual({ "mutation-start": "yes", "mutation-stage-1": "yes", "mutation-stage-2": "yes" });
  await of(CustomResourceDefinition).patch("", `noxus.${group}`, mergePatch, { spec: { versions: versions("v2") } });
  const changed = await of(noxusOf(group)).patch(namespace, "stored", mergePatch, { data: { dummy: "test" } });
  expect(changed["data"]).toEqual({ "mutation-start": "yes", "mutation-stage-1": "yes", "mutation-stage-2": "yes", dummy: "test" });
});

const conversion = "[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert";

const text: Schema = { type: "string" };
const versions = (stored: string): object[] => [["v1", { hostPort: text }], ["v2", { host: text, port: text }]]
  .map(([name, properties]) => ({ name, served: true, storage: name === stored, schema: { openAPIV3Schema: { type: "object", properties } } }));

/** Noxus whose two versions a webhook converts; stored as v1. */
async function convertible(stage: Stage): Promise<string> {
  const webhook = { clientConfig: webhooks.at("/convert"), conversionReviewVersions: ["v1"] };
  const { group } = await served(stage, anything, { versions: versions("v1"), conversion: { strategy: "Webhook", webhook } });
  return group;
}

conformance(`${conversion} from CR v1 to CR v2 [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const group = await convertible(stage);
  await of(noxusOf(group)).create(noxu(`${group}/v1`, namespace, "one", { hostPort: "localhost:8080" }));
  expect(withoutMetadata(await of(noxusOf(group, "v2")).get(namespace, "one"))).toEqual({ apiVersion: `${group}/v2`, kind: "Noxu", name: "one", host: "localhost", port: "8080" });
});

conformance(`${conversion} a non homogeneous list of CRs [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const group = await convertible(stage);
  await of(noxusOf(group)).create(noxu(`${group}/v1`, namespace, "one", { hostPort: "localhost:8080" }));
  await of(CustomResourceDefinition).patch("", `noxus.${group}`, mergePatch, { spec: { versions: versions("v2") } });
  await of(noxusOf(group, "v2")).create(noxu(`${group}/v2`, namespace, "two", { host: "localhost", port: "8080" }));
  for (const [version, fields] of [["v1", { hostPort: "localhost:8080" }], ["v2", { host: "localhost", port: "8080" }]] as const) {
    const { items } = await of(noxusOf(group, version)).list(namespace);
    expect(items.map(withoutMetadata)).toEqual(["one", "two"].map((name) => ({ apiVersion: `${group}/${version}`, kind: "Noxu", name, ...fields })));
  }
});
