import http, { type IncomingMessage, type Server } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { startTestServer, type TestServer } from "../testing/api-server.ts";
import { type KeyPair, TestAuthority } from "../testing/certificates.ts";
import { requestHeaders } from "./forwarded-headers.ts";
import { putEndpoints } from "../testing/loopback-endpoints.ts";

let api: TestServer;
let authority: TestAuthority;
let pair: KeyPair;
let port = 0;
let kubelet: https.Server;
let website: Server;
/** What the kubelet was asked, and by whom. */
const asked: string[] = [];

function portOf(server: Server | https.Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

beforeAll(async () => {
  authority = await TestAuthority.create();
  pair = await authority.issue("CN=admin,O=system:masters");
  const serving = await authority.issue("CN=server");
  kubelet = https.createServer({ cert: serving.certificate, key: serving.key, ca: authority.certificate, requestCert: true }, (request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.includes("broken")) return void response.writeHead(400).end('container "broken" in pod "a" is waiting to start: ContainerCreating');
    response.write("first\n");
    response.end("second\n");
  });
  kubelet.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    asked.push(`${request.url} ${request.headers.upgrade} ${request.headers.authorization ?? "no credentials"}`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\nwelcome;");
    if (head.length > 0) socket.write(head);
    socket.pipe(socket);
  });
  website = http.createServer((request, response) => {
    if (request.url === "/away") response.writeHead(302, { location: "/there" }).end();
    else response.end(`${request.method} ${request.url} ${request.headers.authorization ?? "no credentials"}`);
  });
  const kubeletPort = await portOf(kubelet);
  const websitePort = await portOf(website);
  const apiserver = await authority.issue("CN=kube-apiserver-kubelet-client");
  api = await startTestServer({ kubelets: { ...apiserver, certificateAuthority: authority.certificate } });
  port = await api.server.listen({ addresses: ["127.0.0.1"], port: 0, ...serving, clientAuthorities: [authority.certificate] });
  await api.of(Node).create({ metadata: { name: "n1" } });
  const status = { addresses: [{ type: "InternalIP", address: "127.0.0.1" }], daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } };
  await api.of(Node).updateStatus({ metadata: { name: "n1" }, status } as never);
  const container = (name: string) => ({ name, image: "busybox" });
  for (const [name, containers] of [["a", ["main"]], ["b", ["main", "broken"]]] as const) {
    await api.of(Pod).create({ metadata: { name, namespace: "default" }, spec: { nodeName: "n1", containers: containers.map(container) } });
  }
  await api.of(Pod).create({ metadata: { name: "unscheduled", namespace: "default" }, spec: { containers: [container("main")] } });
  await api.of(Service).create({ metadata: { name: "web", namespace: "default" }, spec: { ports: [{ port: 80 }] } });
  await putEndpoints(api, {
    metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4", ports: [{ port: websitePort, name: "" }], endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
  });
});

afterAll(async () => {
  await api.close();
  kubelet.close();
  website.close();
});

function get(path: string, headers: object = {}): Promise<{ code: number; text: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sent = https.get(
      { host: "127.0.0.1", port, path, ca: authority.certificate, cert: pair.certificate, key: pair.key, agent: false, headers: { ...headers } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ code: answer.statusCode ?? 0, text, headers: answer.headers }));
      },
    );
    sent.on("error", reject);
  });
}

const pods = "/api/v1/namespaces/default/pods";

test("logs come from the pod's node", async () => {
  expect(await get(`${pods}/a/log?tailLines=5&follow=true`)).toMatchObject({ code: 200, text: "first\nsecond\n" });
  expect(asked.at(-1)).toBe("/containerLogs/default/a/main?follow=true&tailLines=5");
});

test("what a kubelet refuses is told as a Status", async () => {
  const refused = await get(`${pods}/b/log?container=broken`);
  expect(JSON.parse(refused.text)).toMatchObject({ code: 400, reason: "BadRequest", message: expect.stringContaining("ContainerCreating") as string });
});

function messages(path: string, protocols: string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    const credentials = { ca: authority.certificate, cert: pair.certificate, key: pair.key };
    const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, protocols, credentials);
    socket.on("message", (message: Buffer) => seen.push(message.toString("utf8")));
    socket.on("error", reject);
    socket.on("close", (code) => resolve([...seen, `${socket.protocol} ${code}`]));
  });
}

test("a log comes in messages too", async () => {
  const [end, ...chunks] = [...await messages(`${pods}/a/log`, ["binary.k8s.io"])].reverse();
  expect([chunks.reverse().join(""), end]).toEqual(["first\nsecond\n", "binary.k8s.io 1000"]);
  const [, ...encoded] = [...await messages(`${pods}/a/log`, ["other", "base64.binary.k8s.io"])].reverse();
  expect(encoded.reverse().map((chunk) => Buffer.from(chunk, "base64").toString("utf8")).join("")).toBe("first\nsecond\n");
  await expect(messages(`${pods}/b/log?container=broken`, ["binary.k8s.io"])).rejects.toThrow("Unexpected server response: 400");
});

test("a token that is a subprotocol does not come to a backend", () => {
  const headers = { "sec-websocket-protocol": "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io", host: "api" };
  expect(requestHeaders(headers, {})).toEqual({ "sec-websocket-protocol": "v5.channel.k8s.io" });
});

test("a container has to be named where there are several", async () => {
  const refused = await get(`${pods}/b/log`);
  expect(JSON.parse(refused.text)).toMatchObject({ message: "a container name must be specified for pod b, choose one of: [main broken]" });
  expect(await get(`${pods}/unscheduled/log`)).toMatchObject({ code: 200, text: "" });
});

test("an upgraded connection is joined with the kubelet's, unread", async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const sent = https.request({
      host: "127.0.0.1", port, path: `${pods}/a/exec?command=ls&command=-l&stdin=true&stdout=true`, method: "POST", agent: false,
      ca: authority.certificate, cert: pair.certificate, key: pair.key,
      headers: { connection: "Upgrade", upgrade: "SPDY/3.1", authorization: "Bearer secret" },
    });
    sent.on("error", reject);
    sent.on("upgrade", (_answer, socket: Duplex, head: Buffer) => {
      let received = head.toString("utf8");
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("utf8");
        if (received.endsWith("ping")) socket.end();
      });
      socket.on("end", () => resolve(received));
      socket.write("ping");
    });
    sent.end();
  });
  expect(text).toBe("welcome;ping");
  expect(asked.at(-1)).toBe("/exec/default/a/main?input=1&output=1&command=ls&command=-l SPDY/3.1 no credentials");
});

test("exec without an upgrade is refused", async () => {
  const refused = await get(`${pods}/a/exec?command=ls&stdout=true`);
  expect(JSON.parse(refused.text)).toMatchObject({ code: 400, message: "Upgrade request required" });
});

test("a service is reached through the API, without the client's credentials", async () => {
  const path = "/api/v1/namespaces/default/services/web/proxy";
  expect(await get(`${path}/some/where?x=1`, { authorization: "Bearer secret" })).toMatchObject({ code: 200, text: "GET /some/where?x=1 no credentials" });
  expect((await get(`${path}/away`)).headers["location"]).toBe(`${path}/there`);
  expect(await get(path)).toMatchObject({ code: 301, headers: { location: `${path}/` } });
});

test("a node's kubelet is reached through the API, and one that is not there is told", async () => {
  expect(await get("/api/v1/nodes/n1/proxy/healthz")).toMatchObject({ code: 200 });
  expect(asked.at(-1)).toBe("/healthz");
  expect(await get("/api/v1/nodes/n1:1/proxy/healthz")).toMatchObject({ code: 503 });
  expect(await get("/api/v1/nodes/n2/proxy/healthz")).toMatchObject({ code: 404 });
});
