import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { systemClock } from "#machinery/clock.ts";
import { TestAuthority, type TestPair } from "../../testing/certificates.ts";
import { containerOf, observedOf, podOf } from "../../testing/pods.ts";
import { openTunnel } from "../../testing/web-socket-tunnel.ts";
import type { ContainerAccess } from "../container-access.ts";
import { KubeletServer } from "../kubelet-server.ts";
import { SimulatedAccess } from "../simulated-access.ts";

let authority: TestAuthority;
let serving: TestPair;
let apiServer: TestPair;
let runtime: Server;
let server: KubeletServer;
let port: number;
/** What the runtime was asked for over the CRI, and by the streams' connections. */
let asked: unknown[];
let connections: IncomingMessage[];
let url: URL;
const failures: string[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  [serving, apiServer] = await Promise.all([authority.issue("CN=node"), authority.issue("CN=kube-apiserver-kubelet-client")]);
});

beforeEach(async () => {
  [asked, connections] = [[], []];
  runtime = createServer((_request, response) => void response.writeHead(403).end("unable to negotiate protocol"));
  runtime.on("upgrade", (asking: IncomingMessage, socket: Duplex, head: Buffer) => {
    connections.push(asking);
    const protocol = asking.headers["x-stream-protocol-version"];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${asking.headers.upgrade}\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\nhello;`);
    if (head.length > 0) socket.write(head);
    socket.on("error", () => undefined).pipe(socket);
  });
  await new Promise<void>((resolve) => void runtime.listen(0, "127.0.0.1", resolve));
  url = new URL(`http://127.0.0.1:${(runtime.address() as AddressInfo).port}/exec/token`);
  const tell = (...what: unknown[]): Promise<URL> => {
    asked.push(what);
    return Promise.resolve(url);
  };
  const unused = new SimulatedAccess(systemClock);
  await serve({
    openLog: unused.openLog, run: unused.run, usage: unused.usage,
    exec: (id, command, streams) => tell("exec", id, command, streams), attach: (id, streams) => tell("attach", id, streams),
    portForward: (id, ports) => tell("portForward", id, ports),
  });
});

afterEach(async () => {
  await server.close();
  runtime.closeAllConnections();
  runtime.close();
  expect(failures).toEqual([]);
});

async function serve(containers: ContainerAccess): Promise<void> {
  const pod = podOf({ containers: [containerOf("main"), containerOf("screen", { tty: true })] });
  const served = { pod, status: pod.status, observed: observedOf(pod, ["main running", "screen running"]) };
  server = new KubeletServer({
    clock: systemClock, nodeName: "node-1", pods: { pods: () => [pod], worker: () => served }, containers, serving,
    clientAuthority: authority.certificate, configuration: {}, failed: (what, error) => failures.push(`${what}: ${error.message}`),
  });
  port = await server.listen("127.0.0.1", 0);
}

const credentials = (): { ca: string; cert: string; key: string } => ({ ca: authority.certificate, cert: apiServer.certificate, key: apiServer.key });

/** Upgrades to SPDY: the connection, or what was answered in its place. */
function upgrade(path: string, pair: { ca: string; cert?: string; key?: string } = credentials()): Promise<Duplex | string> {
  return new Promise((resolve, reject) => {
    const headers = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io", authorization: "Bearer secret" };
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent: false, headers, ...pair });
    sent.on("upgrade", (_answer, socket: Duplex, head: Buffer) => {
      socket.unshift(head);
      resolve(socket);
    });
    sent.on("response", (answer) => {
      let text = `${answer.statusCode} `;
      answer.on("data", (chunk) => (text += String(chunk))).on("end", () => resolve(text.trim()));
    });
    sent.on("error", reject).end();
  });
}

async function connected(path: string): Promise<Duplex> {
  const socket = await upgrade(path);
  if (typeof socket === "string") throw new Error(socket);
  return socket;
}

async function hear(socket: Duplex, wanted: string): Promise<void> {
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString()));
  await expect.poll(() => heard).toBe(wanted);
}

it("an older client speaks with the runtime itself, without its credentials", async () => {
  const socket = await connected("/exec/default/web/main?command=sh&command=-c&command=a%20b&input=1&output=1&error=1");
  socket.write("typed");
  await hear(socket, "hello;typed");
  expect(asked).toEqual([["exec", "main-0", ["sh", "-c", "a b"], { stdin: true, stdout: true, stderr: true, tty: false }]]);
  expect(connections[0]).toMatchObject({ url: "/exec/token", headers: { upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" } });
  expect(connections[0]!.headers.authorization).toBeUndefined();
  const ended = once(connections[0]!.socket, "close");
  socket.destroy();
  await ended;
});

it("a terminal has no stderr, and attaching the container says whether there is one", async () => {
  for (const path of ["/exec/default/web/main?command=sh&output=1&error=1&tty=1", "/attach/default/web/u1/screen?output=1&error=1", "/attach/default/web/main?error=1&tty=1"]) {
    (await connected(path)).destroy();
  }
  expect(asked).toEqual([
    ["exec", "main-0", ["sh"], { stdin: false, stdout: true, stderr: false, tty: true }],
    ["attach", "screen-0", { stdin: false, stdout: true, stderr: false, tty: true }],
    ["attach", "main-0", { stdin: false, stdout: false, stderr: true, tty: false }],
  ]);
});

it("a tunnel within a WebSocket leads to the runtime's SPDY", async () => {
  const tunnel = await openTunnel(`https://127.0.0.1:${port}/portForward/default/web`, credentials());
  tunnel.write("x".repeat(60_000));
  await hear(tunnel, `hello;${"x".repeat(60_000)}`);
  expect(asked).toEqual([["portForward", "s0", []]]);
  expect(connections[0]).toMatchObject({ method: "POST", headers: { upgrade: "SPDY/3.1", "x-stream-protocol-version": "portforward.k8s.io" } });
  const ended = once(connections[0]!.socket, "close");
  tunnel.end();
  await ended;
});

it("the server's end is the connections' end", async () => {
  const socket = await connected("/exec/default/web/main?command=sh&output=1");
  const closed = once(socket.resume(), "close");
  await server.close();
  await closed;
});

it("what the runtime refuses is told", async () => {
  url = new URL(url.href.replace(/:\d+/, ":1"));
  expect(await upgrade("/exec/default/web/main?command=sh&output=1")).toMatch(/^502 error dialing the container runtime: connect ECONNREFUSED/);
  runtime.removeAllListeners("upgrade");
  url = new URL(`http://127.0.0.1:${(runtime.address() as AddressInfo).port}/exec/token`);
  expect(await upgrade("/exec/default/web/main?command=sh&output=1")).toBe("403 unable to negotiate protocol");
  await server.close();
  await serve(new SimulatedAccess(systemClock));
  expect(await upgrade("/exec/default/web/main?command=sh&output=1")).toBe("500 this node is simulated: there is no process in its containers");
});

it.each([
  ["/exec/default/web/main?command=sh", "400 you must specify at least 1 of stdin, stdout, stderr"],
  ["/exec/default/web/absent?command=sh&output=1", '404 container not found ("absent")'],
  ["/exec/default/web/other-uid/main?command=sh&output=1", '404 pod "web" not found'],
  ["/portForward/default/web?port=x", '400 unable to parse "x" as a port'],
  ["/pods", "404 404 page not found"],
])("%s is refused before it begins", async (path, answer) => {
  expect(await upgrade(path)).toBe(answer);
  expect(asked).toEqual([]);
});

it("nobody without a certificate gets through", async () => {
  expect(await upgrade("/exec/default/web/main?command=sh&output=1", { ca: authority.certificate })).toBe("401 Unauthorized");
});
