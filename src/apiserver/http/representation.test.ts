import { connect } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtInSchemas } from "#api/define-kind.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { decodeProtobuf } from "#machinery/schema/protobuf/decode.ts";
import { openEnvelope } from "#machinery/schema/protobuf/envelope.ts";
import { parseYaml } from "#machinery/yaml.ts";
import { startTestServer, type TestServer } from "../testing/api-server.ts";
import { type KeyPair, TestAuthority } from "../testing/certificates.ts";
import { HttpClient } from "../testing/http-client.ts";

let api: TestServer;
let client: HttpClient;
let port = 0;
let authority: string;
let pair: KeyPair;

beforeAll(async () => {
  const issuer = await TestAuthority.create();
  [authority, pair] = [issuer.certificate, await issuer.issue("CN=admin,O=system:masters")];
  api = await startTestServer();
  port = await api.server.listen({ addresses: ["127.0.0.1"], port: 0, ...(await issuer.issue("CN=apiserver")), clientAuthorities: [authority] });
  client = new HttpClient({ port, authority, ...pair });
  await api.of(ConfigMap).create({ metadata: { name: "a", namespace: "default", labels: { l: "v" } }, data: { k: "v" } });
});
afterAll(() => api.close());

const path = "/api/v1/namespaces/default/configmaps";
const one = `${path}/a`;
const metadataOnly = (type: string, kind = "PartialObjectMetadata", version = "v1"): string => `${type};as=${kind};g=meta.k8s.io;v=${version}`;
const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
const [json, yaml, protobuf] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

const inJson = (text: string): unknown => JSON.parse(text);
const get = (address: string, accept: string) => client.request("GET", address, { headers: { accept } });

test.each([
  [one, json, json, { kind: "ConfigMap", data: { k: "v" } }],
  [one, "*/*", json, { kind: "ConfigMap" }],
  [one, "text/html, application/*;q=0.5", json, { kind: "ConfigMap" }],
  [one, table, json, { kind: "Table", apiVersion: "meta.k8s.io/v1", rows: [{ object: { kind: "PartialObjectMetadata", metadata: { name: "a" } } }] }],
  [path, `${table},${json}`, json, { kind: "Table", rows: [{ cells: ["a", expect.anything(), expect.any(String)] }] }],
  [one, metadataOnly(json), json, { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { labels: { l: "v" } } }],
  [one, metadataOnly(json, undefined, "v1beta1"), json, { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1beta1" }],
  [path, metadataOnly(json, "PartialObjectMetadataList"), json,
    { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", items: [{ kind: "PartialObjectMetadata", metadata: { name: "a" } }] }],
  // What the server cannot do is passed over for the next.
  [one, `${table.replace("v=v1", "v=v9")},${json}`, json, { kind: "ConfigMap" }],
  [one, `application/cbor,${json}`, json, { kind: "ConfigMap" }],
  [one, "application/json;stream=watch", json, { kind: "ConfigMap" }],
])("GET %s as %s", async (address, accept, type, expected) => {
  const answer = await get(address, accept);
  expect(answer).toMatchObject({ code: 200, headers: { "content-type": type } });
  expect(inJson(answer.text)).toMatchObject(expected);
  expect(JSON.stringify(inJson(answer.text)).includes('"data"')).toBe(JSON.stringify(expected).includes("ConfigMap"));
});

test.each([
  [one, yaml, /^apiVersion: v1\ndata:\n {2}k: v\nkind: ConfigMap\n/],
  [one, metadataOnly(yaml), /^apiVersion: meta\.k8s\.io\/v1\nkind: PartialObjectMetadata\nmetadata:\n/],
  [path, table.replace("json", "yaml"), /^apiVersion: meta\.k8s\.io\/v1\ncolumnDefinitions:\n/],
] as const)("GET %s as %s", async (address, accept, expected) => {
  const answer = await get(address, accept);
  expect(answer).toMatchObject({ code: 200, headers: { "content-type": yaml } });
  expect(answer.text).toMatch(expected);
});

test("metadata alone comes in protobuf too: one, as a list, and as events", async () => {
  const partial = builtInSchemas.message("meta/v1.PartialObjectMetadata");
  const answer = await get(one, metadataOnly(protobuf));
  expect(answer.headers["content-type"]).toBe(protobuf);
  const { apiVersion, kind, raw } = openEnvelope(answer.bytes);
  expect([apiVersion, kind]).toEqual(["meta.k8s.io/v1", "PartialObjectMetadata"]);
  expect(decodeProtobuf(partial, raw)).toMatchObject({ metadata: { name: "a", labels: { l: "v" } } });
  const list = openEnvelope((await get(path, metadataOnly(protobuf, "PartialObjectMetadataList"))).bytes);
  expect(list.kind).toBe("PartialObjectMetadataList");
  expect(Buffer.from(list.raw).includes("default")).toBe(true);
  const frame = await firstOf(`${path}?watch=true`, metadataOnly(protobuf));
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  expect(frame.includes("ADDED") && frame.includes("PartialObjectMetadata")).toBe(true);
});

test("events come as tables, and as metadata", async () => {
  expect(inJson((await firstOf(`${path}?watch=true`, table)).toString())).toMatchObject({ type: "ADDED", object: { kind: "Table", rows: [{ cells: ["a", expect.anything(), expect.any(String)] }] } });
  const told = inJson((await firstOf(`${path}?watch=true`, metadataOnly(json))).toString());
  expect(told).toMatchObject({ type: "ADDED", object: { kind: "PartialObjectMetadata", metadata: { name: "a" } } });
});

const accepted = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf";

test.each([
  [one, "application/cbor", accepted],
  [one, "image/png", accepted],
  [one, table.replace("json", "vnd.kubernetes.protobuf"), accepted],
  [one, "application/json;stream=other", accepted],
  [`${path}?watch=true`, yaml, "only the following media types are accepted: application/json, application/vnd.kubernetes.protobuf"],
  [path, metadataOnly(json), "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"],
  [one, metadataOnly(json, "PartialObjectMetadataList"), "you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)"],
])("GET %s as %s is refused", async (address, accept, message) => {
  const { code, text } = await get(address, accept);
  expect(code).toBe(406);
  // In the encoding that was asked for, if errors can be told in it.
  expect(parseYaml(text)).toMatchObject({ kind: "Status", code: 406, reason: "NotAcceptable", message });
});

test("what could not be answered is not done", async () => {
  const body = JSON.stringify({ metadata: { name: "b" } });
  expect((await client.request("POST", path, { body, headers: { accept: "image/png" } })).code).toBe(406);
  expect((await get(`${path}/b`, json)).code).toBe(404);
});

test.each([
  ["application/cbor", 415], ["text/plain", 415], ["application/json; charset=utf-8", 201], ["application/yaml", 201],
] as const)("a body of type %s: %d", async (type, code) => {
  const body = JSON.stringify({ metadata: { generateName: "x-" } });
  const answer = await client.request("POST", path, { body, headers: { "content-type": type } });
  expect(answer.code).toBe(code);
  if (code === 415) expect(inJson(answer.text)).toMatchObject({ message: expect.stringMatching(/accepted media types include: application\/json, application\/yaml, application\/vnd.kubernetes.protobuf$/) as string });
});

test("errors come in the encoding that was asked for", async () => {
  const answer = await get(`${path}/none`, `${protobuf},${json}`);
  expect(answer).toMatchObject({ code: 404, headers: { "content-type": protobuf } });
  const { kind, raw } = openEnvelope(answer.bytes);
  expect(kind).toBe("Status");
  expect(decodeProtobuf(builtInSchemas.message("meta/v1.Status"), raw)).toMatchObject({ status: "Failure", code: 404, message: 'configmaps "none" not found' });
  expect((await get(`${path}/none`, yaml)).text).toContain("reason: NotFound");
  expect(inJson((await get(`${path}/none`, table)).text)).toMatchObject({ kind: "Status" });
});

test.each([
  ["", {}, false], ["?pretty=true", {}, true], ["?pretty=false", { "user-agent": "curl/8" }, false], ["", { "user-agent": "curl/8" }, true],
  ["", { "user-agent": "Mozilla/5.0 (X11)" }, true], ["", { "user-agent": "kubectl/v1.36.0" }, false],
])("GET %s by %j is laid out for people: %s", async (query, headers: { [name: string]: string }, expected) => {
  expect((await client.request("GET", one + query, { headers })).text.includes('\n  "kind"')).toBe(expected);
});

test("a table says so when it cannot include what was asked for", async () => {
  expect(inJson((await get(`${path}?includeObject=All`, table)).text)).toMatchObject({
    code: 400, message: `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
  });
  expect(inJson((await get(`${path}?includeObject=None`, table)).text)).not.toHaveProperty("rows.0.object");
});

/** The first piece of a stream. */
async function firstOf(address: string, accept: string): Promise<Buffer> {
  const session = connect(`https://127.0.0.1:${port}`, { ca: authority, cert: pair.certificate, key: pair.key });
  const stream = session.request({ ":path": address, accept });
  const chunk = await new Promise<Buffer>((resolve, reject) => stream.once("data", resolve).once("error", reject));
  session.destroy();
  return chunk;
}
