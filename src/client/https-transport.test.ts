import { type Http2SecureServer, createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Client } from "./client.ts";
import { HttpsTransport } from "./https-transport.ts";
import { selfSigned } from "./testing/self-signed.ts";
import type { WatchEvent } from "./transport.ts";

let server: Http2SecureServer;
let client: Client;
let answer: (stream: ServerHttp2Stream, request: { method: string; path: string; body: string }) => void;

beforeEach(async () => {
  const { certificate, key } = await selfSigned();
  server = createSecureServer({ cert: certificate, key });
  server.on("stream", (stream, headers) => {
    let body = "";
    stream.on("data", (chunk: Buffer) => (body += chunk.toString()));
    stream.on("end", () => answer(stream, { method: String(headers[":method"]), path: String(headers[":path"]), body }));
    stream.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new Client(new HttpsTransport({ server: `https://127.0.0.1:${port}`, certificateAuthority: certificate, userAgent: "test" }));
});
afterEach(async () => {
  await client.transport.close();
  await new Promise((resolve) => server.close(resolve));
});

const respond = (stream: ServerHttp2Stream, code: number, body: unknown): void => {
  stream.respond({ ":status": code });
  stream.end(JSON.stringify(body));
};
const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" };

test("every verb sends its method, path and body", async () => {
  const seen: string[] = [];
  answer = (stream, { method, path, body }) => {
    seen.push(`${method} ${path} ${body}`.trim());
    respond(stream, 200, { kind: "ConfigMap", metadata: { name: "a" } });
  };
  const configMaps = client.of(ConfigMap);
  await configMaps.get("default", "a");
  await configMaps.list("", { limit: 5 });
  await configMaps.create({ metadata: { namespace: "default", name: "a" } });
  await configMaps.patch("default", "a", "application/merge-patch+json", { data: {} });
  await configMaps.delete("default", "a", { gracePeriodSeconds: 0 });
  await configMaps.delete("default", "a");
  expect(seen).toEqual([
    "GET /api/v1/namespaces/default/configmaps/a",
    "GET /api/v1/configmaps?limit=5",
    'POST /api/v1/namespaces/default/configmaps {"metadata":{"namespace":"default","name":"a"}}',
    'PATCH /api/v1/namespaces/default/configmaps/a {"data":{}}',
    'DELETE /api/v1/namespaces/default/configmaps/a {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0}',
    "DELETE /api/v1/namespaces/default/configmaps/a",
  ]);
});

test("what the API refuses is a StatusError, also where a proxy answered", async () => {
  answer = (stream) => respond(stream, 404, { ...status, reason: "NotFound", message: "gone", code: 404 });
  await expect(client.of(ConfigMap).get("default", "a")).rejects.toMatchObject({ reason: "NotFound", code: 404 });
  answer = (stream) => {
    stream.respond({ ":status": 502 });
    stream.end("<html>");
  };
  await expect(client.of(ConfigMap).get("default", "a")).rejects.toThrow("502");
});

test("a watch gives its events in order, however they are cut, and ends with the API's reason", async () => {
  const event = (name: string): string => `${JSON.stringify({ type: "ADDED", object: { metadata: { name } } })}\n`;
  answer = (stream) => {
    stream.respond({ ":status": 200 });
    const text = event("a") + event("ü") + `${JSON.stringify({ type: "ERROR", object: { ...status, reason: "Expired", message: "old", code: 410 } })}\n`;
    for (const byte of Buffer.from(text)) stream.write(Buffer.from([byte]));
    stream.end();
  };
  const names: string[] = [];
  const reason = await new Promise<Error | undefined>((resolve) => {
    client.of(ConfigMap).watch("", {}, { event: ({ object }: WatchEvent) => names.push(object.metadata.name), ended: resolve });
  });
  expect(names).toEqual(["a", "ü"]);
  expect(reason).toMatchObject({ reason: "Expired" });
});

test("a connection that breaks fails what waits on it, and the next request makes a new one", async () => {
  answer = (stream) => stream.session?.destroy();
  await expect(client.of(ConfigMap).get("default", "a")).rejects.toThrow();
  answer = (stream) => respond(stream, 200, { kind: "ConfigMap", metadata: { name: "a" } });
  expect((await client.of(ConfigMap).get("default", "a")).metadata.name).toBe("a");
});
