import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { ServiceReference } from "#api/generated/admissionregistration-v1.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { seededRandom } from "#machinery/random.ts";
import { TestAuthority } from "../../testing/certificates.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { HttpsWebhookCaller } from "./webhook-caller.ts";

const clock = new VirtualClock();
let caBundle: string;
let server: https.Server;
let port: number;

beforeAll(async () => {
  const authority = await TestAuthority.create();
  const { certificate, key } = await authority.issue("CN=webhook", "check.web.svc");
  caBundle = btoa(authority.certificate);
  server = https.createServer({ cert: certificate, key }, (request, response) => {
    if (request.url?.startsWith("/silent") === true) return;
    if (request.url?.startsWith("/broken") === true) return void response.writeHead(500).end("out of order");
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => response.end(JSON.stringify({ url: request.url, host: request.headers.host, asked: JSON.parse(body) as unknown })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function callerFor(objects = new FakeObjects()): HttpsWebhookCaller {
  return new HttpsWebhookCaller({ objects, random: seededRandom(1), clock });
}

const service = (more: Partial<ServiceReference> = {}): ServiceReference => ({ namespace: "web", name: "check", port: 443, ...more });

test("a webhook is asked at its address", async () => {
  const answer = await callerFor().call({ url: `https://localhost:${port}/check?a=b`, caBundle }, 5, { question: 1 });
  expect(answer).toEqual({ url: "/check?a=b&timeout=5s", host: `localhost:${port}`, asked: { question: 1 } });
});

test("a webhook behind a service is asked at one of its endpoints, by the service's name", async () => {
  const objects = new FakeObjects();
  objects.put(Service, { metadata: { namespace: "web", name: "check" }, spec: { ports: [{ port: 443, targetPort: 8443 }] } });
  const caller = callerFor(objects);
  await expect(caller.call({ service: service(), caBundle }, 5, {})).rejects.toThrow('no endpoints available for service "check"');
  objects.put(EndpointSlice, {
    metadata: { namespace: "web", name: "check-1", labels: { "kubernetes.io/service-name": "check" } }, addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"] }], ports: [{ port }],
  });
  expect(await caller.call({ service: service({ path: "/p" }), caBundle }, 10, {})).toMatchObject({ url: "/p?timeout=10s", host: "check.web.svc" });
  await expect(caller.call({ service: service({ name: "other" }), caBundle }, 5, {})).rejects.toThrow(
    'failed to call webhook: Post "https://other.web.svc/?timeout=5s": services "other" not found',
  );
});

test("a webhook is believed only when its authority is known", async () => {
  await expect(callerFor().call({ url: `https://localhost:${port}/` }, 5, {})).rejects.toThrow(/unable to verify|self.signed/);
});

test("a webhook that fails or does not answer in time has not answered", async () => {
  await expect(callerFor().call({ url: `https://localhost:${port}/broken`, caBundle }, 5, {})).rejects.toThrow("the webhook answered with 500: out of order");
  const silent = callerFor().call({ url: `https://localhost:${port}/silent`, caBundle }, 5, {});
  const outcome = expect(silent).rejects.toThrow("context deadline exceeded");
  await clock.advance(5000);
  await outcome;
});
