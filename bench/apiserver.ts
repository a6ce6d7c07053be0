/**
 * Figures of the API server over HTTPS, as JSON: `npx tsx bench/apiserver.ts [DIRECTORY]`. The server, with its embedded store in a
 * temporary directory below DIRECTORY (the system's, when absent), runs in this process; its clients in another one, each with a
 * connection of its own. Each measure of writes and reads runs for two seconds before it counts, since code that has just begun to run is
 * not yet compiled, and then for four. Takes about a minute.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kinds } from "#api/kinds.ts";
import { startApiServer } from "#apiserver/apiserver.ts";
import { ClientCertificateAuthenticator } from "#apiserver/authentication/client-certificate.ts";
import { UnionAuthenticator } from "#apiserver/authentication/union.ts";
import { PrivilegedGroupAuthorizer } from "#apiserver/authorization/privileged-group.ts";
import { type KeyPair, TestAuthority } from "#apiserver/testing/certificates.ts";
import { systemClock } from "#machinery/clock.ts";
import { openEmbeddedStore } from "#store/embedded/embedded-store.ts";
import { LoadConnection } from "./load-connection.ts";

const secondsPerMeasure = 4;
const secondsToWarmUp = 2;
const listedPods = 10_000;

interface Target {
  readonly port: number;
  readonly authority: string;
  readonly pair: KeyPair;
}

if (process.send) process.once("message", (target: Target) => void runClients(target));
else await inTemporaryDirectory(runServer);

async function inTemporaryDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), "knarr-bench-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function runServer(directory: string): Promise<void> {
  const store = await openEmbeddedStore({ directory: join(directory, "store"), clock: systemClock });
  const server = await startApiServer({
    store, kinds,
    access: () => ({
      authenticator: new UnionAuthenticator([new ClientCertificateAuthenticator(systemClock)]),
      authorizer: new PrivilegedGroupAuthorizer(), admission: [],
    }),
    onError: (error) => console.error(error),
  });
  const authority = await TestAuthority.create();
  const serving = await authority.issue("CN=apiserver");
  const port = await server.listen({ addresses: ["127.0.0.1"], port: 0, ...serving, clientAuthorities: [authority.certificate] });
  const clients = fork(fileURLToPath(import.meta.url));
  const target: Target = { port, authority: authority.certificate, pair: await authority.issue("CN=admin,O=system:masters") };
  clients.send(target);
  const figures = await new Promise<object>((resolve, reject) => {
    clients.once("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
    let used = process.cpuUsage();
    clients.on("message", (message: { readonly phase?: "begins" | "ends"; readonly requests?: number }) => {
      if (message.phase === undefined) return resolve(message);
      if (message.phase === "begins") used = process.cpuUsage();
      else {
        const { user, system } = process.cpuUsage(used);
        clients.send({ microseconds: Math.round((user + system) / (message.requests ?? 1)) });
      }
    });
  });
  console.log(JSON.stringify({ ...figures, residentMegabytes: Math.round(process.memoryUsage.rss() / 1024 ** 2) }, undefined, 2));
  clients.disconnect();
  await server.close();
  await store.close();
}

async function runClients(target: Target): Promise<void> {
  const data = { text: "x".repeat(500) };
  const configMap = (name: string): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
  // The pods to list are made first: they also warm the server up.
  await fill(target, listedPods);
  const lists = await measureLists(target);
  const creates = [];
  for (const clients of [1, 64]) creates.push(await measureCreates(target, "configmaps", clients, configMap));
  for (const clients of [1, 64]) creates.push(await measureCreates(target, "pods", clients, pod));
  const gets = [];
  for (const clients of [1, 64]) gets.push(await measureLoad(target, "GET", clients, () => ["/api/v1/namespaces/listed/pods/p-0"]));
  const watch = await measureWatches(target);
  const busyWatch = await measureBusyWatches(target);
  process.send?.({ lists, creates, gets, watch, busyWatch });
}

function connect({ port, authority, pair }: Target): http2.ClientHttp2Session {
  return http2.connect(`https://127.0.0.1:${port}`, { ca: authority, cert: pair.certificate, key: pair.key });
}

function call(session: http2.ClientHttp2Session, method: string, path: string, body?: string): Promise<{ code: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": method, ":path": path, "content-type": "application/json" });
    let code = 0;
    let bytes = 0;
    stream.on("response", (headers) => (code = headers[":status"] ?? 0));
    stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
    stream.on("end", () => resolve({ code, bytes }));
    stream.on("error", reject);
    stream.end(body);
  });
}

function pod(name: string): string {
  const containers = [{
    name: "main", image: "registry.example/team/service:1.2.3", env: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
    ports: [{ containerPort: 8080 }], resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  }];
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: "web", tier: "front" } }, spec: { containers } });
}

async function measureCreates(target: Target, plural: string, clients: number, body: (name: string) => string): Promise<object> {
  const path = `/api/v1/namespaces/bench/${plural}`;
  const figures = await measureLoad(target, "POST", clients, (count) => [path, body(`${plural}-${clients}-${count}`)]);
  return { plural, ...figures };
}

/** Every client sends one request after the other, each as soon as the last is answered: first to warm the server up, then to be measured. */
async function measureLoad(
  target: Target, method: string, clients: number, request: (count: number) => readonly [path: string, body?: string],
): Promise<object> {
  const connections = await Promise.all(Array.from({ length: clients }, () => LoadConnection.open(target)));
  let sent = 0;
  const load = async (seconds: number): Promise<number[]> => {
    const times: number[] = [];
    const end = performance.now() + seconds * 1000;
    await Promise.all(connections.map(async (connection) => {
      for (let began = performance.now(); began < end; began = performance.now()) {
        const [path, body] = request(sent++);
        const { code } = await connection.call(method, path, body);
        if (code >= 300) throw new Error(`${method} ${path} was answered with ${code}`);
        times.push(performance.now() - began);
      }
    }));
    return times;
  };
  await load(secondsToWarmUp);
  process.send?.({ phase: "begins" });
  const start = performance.now();
  const times = await load(secondsPerMeasure);
  const seconds = (performance.now() - start) / 1000;
  const serverCpuMicroseconds = await serverCpu(times.length);
  for (const connection of connections) connection.close();
  return { method, clients, perSecond: Math.round(times.length / seconds), serverCpuMicroseconds, ...percentiles(times) };
}

function percentiles(times: number[]): object {
  times.sort((a, b) => a - b);
  const at = (share: number): number => round(times[Math.floor(times.length * share)] ?? 0);
  return { p50Milliseconds: at(0.5), p99Milliseconds: at(0.99) };
}

/** What one of so many requests took of the server's processor: also telling when others use the machine. */
async function serverCpu(requests: number): Promise<number> {
  const answer = new Promise<number>((resolve) => {
    process.once("message", ({ microseconds }: { microseconds: number }) => resolve(microseconds));
  });
  process.send?.({ phase: "ends", requests });
  return answer;
}

async function fill(target: Target, count: number): Promise<void> {
  const session = connect(target);
  for (let from = 0; from < count; from += 200) {
    const names = Array.from({ length: 200 }, (_, offset) => `p-${from + offset}`);
    await Promise.all(names.map((name) => call(session, "POST", "/api/v1/namespaces/listed/pods", pod(name))));
  }
  session.destroy();
}

async function measureLists(target: Target): Promise<object[]> {
  const session = connect(target);
  const figures = [];
  for (let round_ = 1; round_ <= 4; round_++) {
    const began = performance.now();
    const { bytes } = await call(session, "GET", "/api/v1/namespaces/listed/pods");
    figures.push({ pods: listedPods, milliseconds: round(performance.now() - began), megabytes: round(bytes / 1024 ** 2) });
  }
  session.destroy();
  return figures;
}

/** One object's change reaches 1,000 watchers. */
async function measureWatches(target: Target): Promise<object> {
  const watchers = 1000;
  const session = connect(target);
  const streams = Array.from({ length: watchers }, () => session.request({ ":path": "/api/v1/namespaces/watched/configmaps?watch=true" }));
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once("response", resolve))));
  const told = Promise.all(streams.map((stream) => new Promise((resolve) => stream.once("data", resolve))));
  const began = performance.now();
  await call(session, "POST", "/api/v1/namespaces/watched/configmaps", JSON.stringify({ metadata: { name: "news" } }));
  await told;
  const milliseconds = round(performance.now() - began);
  session.destroy();
  return { watchers, milliseconds };
}

/** 1,000 watchers of one namespace, in which 20 objects change in a second: how long after its write each of them hears of each. */
async function measureBusyWatches(target: Target): Promise<object> {
  const [watchers, eventsPerSecond, seconds] = [1000, 20, 5];
  const path = "/api/v1/namespaces/busy/configmaps";
  const session = connect(target);
  const streams = Array.from({ length: watchers }, () => session.request({ ":path": `${path}?watch=true` }));
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once("response", resolve))));
  const delays: number[] = [];
  const mark = /"written":"([\d.]+)"/g;
  for (const stream of streams) {
    stream.on("data", (chunk: Buffer) => {
      const now = performance.now();
      for (const [, written] of chunk.toString("latin1").matchAll(mark)) delays.push(now - Number(written));
    });
  }
  const writer = await LoadConnection.open(target);
  for (let count = 0; count < eventsPerSecond * seconds; count++) {
    const data = { written: String(performance.now()) };
    await writer.call("POST", path, JSON.stringify({ metadata: { name: `busy-${count}` }, data }));
    await new Promise((resolve) => setTimeout(resolve, 1000 / eventsPerSecond));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  session.destroy();
  writer.close();
  return { watchers, eventsPerSecond, expected: watchers * eventsPerSecond * seconds, heard: delays.length, ...percentiles(delays) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
