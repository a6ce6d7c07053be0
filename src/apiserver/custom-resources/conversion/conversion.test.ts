import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { TestAuthority } from "../../testing/certificates.ts";
import type { TestServer } from "../../testing/api-server.ts";
import type { TestResource } from "../../testing/test-client.ts";
import { WatchLog } from "../../testing/watch-log.ts";
import { type Widget, serverWith, widget, Widgets, widgets } from "../testing/definitions.ts";

interface Review {
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] };
}

/** What the webhook makes of a review; v1 has spec.size, v2 calls it spec.height. */
let answer: (review: Review) => unknown = renames;
let caBundle: string;
let server: https.Server;
let url: string;

beforeAll(async () => {
  const authority = await TestAuthority.create();
  const { certificate, key } = await authority.issue("CN=webhook", "localhost");
  caBundle = btoa(authority.certificate);
  server = https.createServer({ cert: certificate, key }, (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => response.end(JSON.stringify(answer(JSON.parse(body) as Review))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}/convert`;
});

afterEach(() => (answer = renames));

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function renames({ request }: Review): unknown {
  return converted(request, request.objects.map((object) => renamed(object, request.desiredAPIVersion)));
}

function renamed(object: KubeObject, apiVersion: string): KubeObject {
  const { spec } = object as Widget;
  const [size] = Object.values(spec ?? {});
  const annotations = { ...object.metadata.annotations, converted: apiVersion };
  return { ...object, apiVersion, metadata: { ...object.metadata, annotations }, spec: { [apiVersion.endsWith("v2") ? "height" : "size"]: size } } as Widget;
}

function converted({ uid }: Review["request"], convertedObjects: readonly unknown[]): unknown {
  const response = { uid, result: { status: "Success" }, convertedObjects };
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response };
}

/** Stored as v1. */
async function twoVersions(): Promise<{ readonly server: TestServer; readonly v1: TestResource<Widget>; readonly v2: TestResource<Widget> }> {
  const version = (name: string, field: string) => ({
    name, served: true, storage: name === "v1",
    schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { [field]: { type: "integer" } } } } } },
  });
  const webhook = { clientConfig: { url, caBundle }, conversionReviewVersions: ["v1"] };
  const { server: api, resource } = await serverWith(widgets({}, {
    versions: [version("v1", "size"), version("v2", "height")], conversion: { strategy: "Webhook", webhook },
  }));
  return { server: api, v1: resource, v2: api.of({ ...Widgets, version: "v2" }) };
}

const inV2 = (name: string, height: number) => ({ ...widget(name, { height }), apiVersion: "example.com/v2" });

test("a webhook turns objects into the version that is asked for", async () => {
  const { v1, v2 } = await twoVersions();
  const created = await v2.create(inV2("a", 3));
  expect(created).toMatchObject({ apiVersion: "example.com/v2", spec: { height: 3 } });
  const read = await v1.get("default", "a");
  expect(read).toMatchObject({ apiVersion: "example.com/v1", spec: { size: 3 }, metadata: { uid: created.metadata.uid, name: "a" } });
  await v1.update({ ...read, spec: { size: 4 } });
  expect((await v2.list("default")).items).toMatchObject([{ apiVersion: "example.com/v2", spec: { height: 4 }, metadata: { generation: 2 } }]);
  expect((await v2.patch("default", "a", "application/merge-patch+json", { spec: { height: 5 } })).spec).toEqual({ height: 5 });
  expect((await v1.get("default", "a")).spec).toEqual({ size: 5 });
  await v2.delete("default", "a");
  expect((await v1.list("default")).items).toEqual([]);
});

test("watchers are shown objects in their version", async () => {
  const { v1, v2 } = await twoVersions();
  const log = new WatchLog();
  const watch = v2.watch("default", {}, log);
  const created = await v1.create(widget("a", { size: 1 }));
  await v1.update({ ...created, spec: { size: 2 } });
  await v1.delete("default", "a");
  await log.count(3);
  watch.close();
  expect(log.events).toMatchObject([
    { type: "ADDED", object: { apiVersion: "example.com/v2", spec: { height: 1 } } },
    { type: "MODIFIED", object: { spec: { height: 2 } } },
    { type: "DELETED", object: { spec: { height: 2 } } },
  ]);
});

test.each<[string, (review: Review) => unknown, string]>([
  ["fails", ({ request: { uid } }) => ({ response: { uid, result: { status: "Failed", message: "not like this" } } }), "failed: not like this"],
  ["answers another request", ({ request }) => converted({ ...request, uid: "x" }, []), "failed: expected response.uid="],
  ["does not answer", () => ({}), "failed: no response provided"],
  ["leaves objects out", ({ request }) => converted(request, []), "returned 0 objects, expected 1"],
  ["renames objects", ({ request }) => converted(request, request.objects.map((each) => ({
    ...renamed(each, request.desiredAPIVersion), metadata: { ...each.metadata, name: "b" },
  }))), "returned invalid converted object: must have the same name: a != b"],
  ["does not convert", ({ request }) => converted(request, request.objects),
    "returned invalid converted object: invalid groupVersion (expected example.com/v1, received example.com/v2)"],
])("a webhook that %s makes requests fail", async (_what, as, message) => {
  const { v1, v2 } = await twoVersions();
  answer = as;
  await expect(v2.create(inV2("a", 1))).rejects.toMatchObject({
    code: 500, message: expect.stringContaining(`conversion webhook for example.com/v2, Kind=Widget ${message}`) as string,
  });
  expect((await v1.create(widget("a", { size: 1 }))).spec).toEqual({ size: 1 });
});

test("of metadata, a webhook changes labels and annotations alone", async () => {
  const { v1, v2 } = await twoVersions();
  answer = (review) => converted(review.request, review.request.objects.map((each) => {
    const object = renamed(each, review.request.desiredAPIVersion);
    return { ...object, metadata: { ...object.metadata, labels: { by: "webhook" }, finalizers: ["example.com/kept"] } };
  }));
  await v2.create(inV2("a", 1));
  const { metadata } = await v1.get("default", "a");
  expect(metadata).toMatchObject({ labels: { by: "webhook" }, annotations: { converted: "example.com/v1" } });
  expect(metadata.finalizers).toBeUndefined();
});

test("a definition that stops asking its webhook is served by another name only", async () => {
  const { server: api, v1, v2 } = await twoVersions();
  await v1.create(widget("a", { size: 1 }));
  const log = new WatchLog();
  v2.watch("default", {}, log);
  await log.count(1);
  await api.of(CustomResourceDefinition).patch("", "widgets.example.com", "application/merge-patch+json", { spec: { conversion: { strategy: "None", webhook: null } } });
  await log.over();
  expect(await v2.get("default", "a")).toMatchObject({ apiVersion: "example.com/v2", spec: {} });
});
