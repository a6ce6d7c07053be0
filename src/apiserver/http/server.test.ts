import http2 from "node:http2";
import tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { startTestServer, type TestServer } from "../testing/api-server.ts";
import { type KeyPair, TestAuthority } from "../testing/certificates.ts";
import { HttpClient } from "../testing/http-client.ts";

let api: TestServer;
let authority: TestAuthority;
let clientPair: KeyPair;
let port = 0;
let client: HttpClient;

beforeAll(async () => {
  authority = await TestAuthority.create();
  const serving = await authority.issue("CN=apiserver");
  clientPair = await authority.issue("CN=admin,O=system:masters");
  api = await startTestServer();
  port = await api.server.listen({ addresses: ["127.0.0.1"], port: 0, ...serving, clientAuthorities: [authority.certificate] });
  client = new HttpClient({ port, authority: authority.certificate, ...clientPair });
});

afterAll(async () => {
  await api.close();
});

const mapsPath = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { k: "v" } });

test("over HTTP/2 the API behaves as within the process", async () => {
  const session = connect();
  const path = "/api/v1/namespaces/h2/configmaps";
  const watch = session.request({ ":path": `${path}?watch=true` });
  const events = lines(watch, 3);
  const created = await overHttp2(session, "POST", path, configMap("a"));
  expect(created.body).toEqual(await api.of(ConfigMap).get("h2", "a"));
  expect(await overHttp2(session, "GET", `${path}/a`)).toEqual({ code: 200, body: created.body });
  await overHttp2(session, "PUT", `${path}/a`, JSON.stringify({ ...(created.body as object), data: { k: "w" } }));
  await overHttp2(session, "DELETE", `${path}/a`);
  expect((await events).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(["ADDED", "MODIFIED", "DELETED"]);
  expect(await overHttp2(session, "GET", `${path}/a`)).toMatchObject({ code: 404, body: { reason: "NotFound" } });
  session.destroy();
});

test("over HTTP/1.1 objects come in JSON, YAML and protobuf", async () => {
  const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-yaml}\ndata: {mode: '0644', on: 'yes'}\n";
  expect(await client.request("POST", mapsPath, { body: yaml, headers: { "content-type": "application/yaml" } })).toMatchObject({ code: 201 });
  const shown = await client.request("GET", `${mapsPath}/from-yaml`, { headers: { accept: "application/yaml" } });
  expect(shown.headers["content-type"]).toBe("application/yaml");
  expect(shown.text).toContain("name: from-yaml");
  const protobuf = await client.request("GET", `${mapsPath}/from-yaml`, { headers: { accept: "application/vnd.kubernetes.protobuf, application/json" } });
  expect(protobuf.headers["content-type"]).toBe("application/vnd.kubernetes.protobuf");
  expect(protobuf.text.startsWith("k8s\0")).toBe(true);
  const pretty = await client.request("GET", `${mapsPath}/from-yaml?pretty=true`);
  expect(pretty.text).toContain('\n  "kind": "ConfigMap"');
  const table = await client.request("GET", mapsPath, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" } });
  expect(JSON.parse(table.text)).toMatchObject({ kind: "Table" });
});

test("what cannot be read or written is refused by its media type", async () => {
  expect(await client.request("POST", mapsPath, { body: "x", headers: { "content-type": "text/plain" } })).toMatchObject({ code: 415 });
  expect(await client.request("GET", mapsPath, { headers: { accept: "image/png" } })).toMatchObject({ code: 406 });
});

test.each([
  ["malformed JSON", '{"metadata":', "application/json"],
  ["malformed YAML", "a: [b", "application/yaml"],
  ["a list in place of an object", "[]", "application/json"],
  ["a text in place of an object", '"x"', "application/json"],
  ["null", "null", "application/json"],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "application/json"],
  ["metadata of a wrong type", '{"metadata":[]}', "application/json"],
  ["an alias bomb", `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefg".split("").map((l, i) => `${l}: &${l} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`).join("\n")}\n`, "application/yaml"],
])("%s is answered with 400", async (_name, body, contentType) => {
  expect(await client.request("POST", mapsPath, { body, headers: { "content-type": contentType } })).toMatchObject({ code: 400 });
});

test("a body beyond 3 MiB is answered with 413", async () => {
  const body = Buffer.alloc(3 * 1024 * 1024 + 1, "x");
  const answer = await client.request("POST", mapsPath, { body }).catch((error: NodeJS.ErrnoException) => error.code);
  if (typeof answer === "string") expect(["EPIPE", "ECONNRESET"]).toContain(answer);
  else expect(answer).toMatchObject({ code: 413 });
});

test("unknown fields are warned of, refused or passed over, as the client asks", async () => {
  const body = JSON.stringify({ metadata: { name: "typo" }, dat: {} });
  expect(await client.request("POST", `${mapsPath}?fieldValidation=Strict`, { body })).toMatchObject({ code: 400 });
  const warned = await client.request("POST", mapsPath, { body });
  expect(warned.headers["warning"]).toBe('299 - "unknown field \\"dat\\""');
  const ignored = await client.request("PUT", `${mapsPath}/typo?fieldValidation=Ignore`, { body });
  expect(ignored.headers["warning"]).toBeUndefined();
});

test("without a certificate one is anonymous; with one of another authority, nobody", async () => {
  expect(await client.as(undefined).request("GET", mapsPath)).toMatchObject({ code: 403 });
  const stranger = await (await TestAuthority.create()).issue("CN=admin,O=system:masters");
  expect(await client.as(stranger).request("GET", mapsPath)).toMatchObject({ code: 401 });
});

test("paths that are not served are not found", async () => {
  expect(await client.request("GET", "/nowhere")).toMatchObject({ code: 404 });
  expect(await client.request("GET", "/api/v1/nothings")).toMatchObject({ code: 404 });
  expect(await client.request("POST", "/api/v1/pods", { body: "{}" })).toMatchObject({ code: 405 });
  expect(await client.request("GET", "/api/v1/namespaces/%zz/pods")).toMatchObject({ code: 400 });
});

test("a long list is compressed where the client can read that", async () => {
  await api.of(ConfigMap).create({ metadata: { name: "long", namespace: "long" }, data: { text: "x".repeat(400_000) } });
  const path = "/api/v1/namespaces/long/configmaps";
  expect((await client.request("GET", path, { headers: { "accept-encoding": "gzip" } })).headers["content-encoding"]).toBe("gzip");
  const plain = await client.request("GET", path);
  expect((JSON.parse(plain.text) as { items: unknown[] }).items).toHaveLength(1);
});

test("a client that goes away in the middle of its request harms nobody", async () => {
  const socket = tls.connect({ host: "127.0.0.1", port, ca: authority.certificate, cert: clientPair.certificate, key: clientPair.key });
  await new Promise<void>((resolve) => socket.once("secureConnect", resolve));
  const begun = `POST ${mapsPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"metadata":`;
  await new Promise<unknown>((resolve) => socket.write(begun, resolve));
  socket.destroy();
  expect(await client.request("POST", mapsPath, { body: configMap("after") })).toMatchObject({ code: 201 });
  expect(api.errors).toEqual([]);
});

test("1,000 idle watchers cost next to nothing, and each hears of a change", async () => {
  const session = connect();
  const streams = Array.from({ length: 1000 }, () => session.request({ ":path": "/api/v1/namespaces/idle/configmaps?watch=true" }));
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once("response", resolve))));
  const heard = Promise.all(streams.map((stream) => lines(stream, 1)));
  await api.of(ConfigMap).create({ metadata: { name: "news", namespace: "idle" } });
  const told = await heard;
  expect(new Set(told.flat()).size).toBe(1);
  expect(JSON.parse(told[0]?.[0] ?? "")).toMatchObject({ type: "ADDED", object: { metadata: { name: "news" } } });
  session.destroy();
});

test("closing ends watches and frees the port, on every address", async () => {
  const closing = await startTestServer();
  const listener = { addresses: ["127.0.0.1", "127.0.0.2"], ...(await authority.issue("CN=apiserver")), clientAuthorities: [authority.certificate] };
  const own = await closing.server.listen({ ...listener, port: 0 });
  const session = http2.connect(`https://127.0.0.1:${own}`, { ca: authority.certificate, cert: clientPair.certificate, key: clientPair.key });
  session.on("error", () => undefined);
  const watch = session.request({ ":path": "/api/v1/pods?watch=true" });
  await new Promise((resolve) => watch.once("response", resolve));
  const ended = new Promise((resolve) => watch.resume().once("end", resolve));
  await closing.close();
  await ended;
  const again = await startTestServer();
  expect(await again.server.listen({ ...listener, port: own })).toBe(own);
  await again.close();
});

function connect(): http2.ClientHttp2Session {
  return http2.connect(`https://127.0.0.1:${port}`, { ca: authority.certificate, cert: clientPair.certificate, key: clientPair.key });
}

async function overHttp2(session: http2.ClientHttp2Session, method: string, path: string, body?: string): Promise<{ code: number; body: unknown }> {
  const stream = session.request({ ":method": method, ":path": path, "content-type": "application/json" });
  stream.end(body);
  const code = new Promise<number>((resolve) => stream.once("response", (headers) => resolve(headers[":status"] ?? 0)));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { code: await code, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown };
}

/** The first lines of a stream. */
function lines(stream: http2.ClientHttp2Stream, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const whole = text.split("\n").slice(0, -1);
      if (whole.length >= count) resolve(whole);
    });
  });
}
