/**
 * What it takes to hold and to list very many pods, as JSON: `npx tsx bench/many-pods.ts [PODS] [CHUNK] [DIRECTORY]`. A first process fills
 * an embedded store with running pods; a second one is an API server on it, which a third lists over HTTPS in chunks, twice. It tells the
 * memory of the second: at rest, and at its highest. 150,000 pods in chunks of 500 when absent; takes about a minute.
 */
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pod } from "#api/core/pod.ts";
import { kinds } from "#api/kinds.ts";
import { type ApiServer, startApiServer } from "#apiserver/apiserver.ts";
import { ClientCertificateAuthenticator } from "#apiserver/authentication/client-certificate.ts";
import { UnionAuthenticator } from "#apiserver/authentication/union.ts";
import { PrivilegedGroupAuthorizer } from "#apiserver/authorization/privileged-group.ts";
import { inProcessTransport } from "#apiserver/in-process-transport.ts";
import { type KeyPair, TestAuthority } from "#apiserver/testing/certificates.ts";
import { Client } from "#client/client.ts";
import { systemClock } from "#machinery/clock.ts";
import { openEmbeddedStore } from "#store/embedded/embedded-store.ts";
import type { Store } from "#store/store.ts";

interface Target {
  readonly port: number;
  readonly authority: string;
  readonly pair: KeyPair;
  readonly chunk: number;
}

const [pods = "150000", chunk = "500", below = tmpdir(), role = "measure", place = ""] = process.argv.slice(2);
const writesAtOnce = 1000;

if (role === "fill") await fill(place, Number(pods));
else if (role === "list") process.once("message", (target: Target) => void listAll(target).then((figures) => process.send?.(figures)));
else await measure();

async function measure(): Promise<void> {
  const directory = mkdtempSync(join(below, "knarr-bench-"));
  try {
    await ended("fill", directory);
    await serve(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function child(as: "fill" | "list", directory: string): ReturnType<typeof fork> {
  return fork(fileURLToPath(import.meta.url), [pods, chunk, below, as, directory]);
}

function ended(as: "fill", directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child(as, directory).once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`filling ended with ${code}`))));
  });
}

function startServer(store: Store): Promise<ApiServer> {
  return startApiServer({
    store, kinds,
    access: () => ({
      authenticator: new UnionAuthenticator([new ClientCertificateAuthenticator(systemClock)]),
      authorizer: new PrivilegedGroupAuthorizer(), admission: [],
    }),
    onError: (error) => console.error(error),
  });
}

/** One pod is made by the API server, and then copied as it lies in the store. */
async function fill(directory: string, count: number): Promise<void> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  const server = await startServer(store);
  const api = new Client(inProcessTransport(server, { name: "admin", groups: ["system:masters"], extra: {} })).of(Pod);
  const containers = [{
    name: "main", image: "registry.example/team/service:1.2.3", ports: [{ containerPort: 8080 }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  }];
  const metadata = { name: "p-000000", namespace: "default", labels: { app: "web", tier: "front" } };
  const pod = await api.create({ metadata, spec: { nodeName: "sim-1", containers } });
  await api.updateStatus({ ...pod, status: runningStatus() });
  const [entry] = (await store.list("")).entries.filter(({ key }) => key.endsWith("p-000000"));
  if (!entry) throw new Error("the first pod is not in the store");
  const text = Buffer.from(entry.value).toString("utf8");
  for (let from = 1; from < count; from += writesAtOnce) {
    const numbers = Array.from({ length: Math.min(writesAtOnce, count - from) }, (_, offset) => String(from + offset).padStart(6, "0"));
    await Promise.all(numbers.map((number) => store.put(
      entry.key.replace("p-000000", `p-${number}`),
      Buffer.from(text.replaceAll("p-000000", `p-${number}`).replaceAll(pod.metadata.uid, `00000000-0000-4000-8000-000000${number}`)), 0,
    )));
  }
  await server.close();
  await store.close();
}

function runningStatus(): Pod["status"] {
  const time = "2026-01-01T00:00:00Z";
  const types = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];
  return {
    phase: "Running", hostIP: "100.127.0.1", hostIPs: [{ ip: "100.127.0.1" }], podIP: "100.64.0.2", podIPs: [{ ip: "100.64.0.2" }],
    startTime: time, qosClass: "Burstable", conditions: types.map((type) => ({ type, status: "True", lastTransitionTime: time })),
    containerStatuses: [{
      name: "main", ready: true, started: true, restartCount: 0, image: "registry.example/team/service:1.2.3", imageID: `sha256:${"0".repeat(64)}`,
      containerID: `simulated://${"0".repeat(64)}`, state: { running: { startedAt: time } }, lastState: {},
    }],
  };
}

async function serve(directory: string): Promise<void> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  const began = performance.now();
  const server = await startServer(store);
  const startSeconds = round((performance.now() - began) / 1000);
  const authority = await TestAuthority.create();
  const serving = await authority.issue("CN=apiserver");
  const port = await server.listen({ addresses: ["127.0.0.1"], port: 0, ...serving, clientAuthorities: [authority.certificate] });
  const atRest = memory();
  const client = child("list", directory);
  const pair = await authority.issue("CN=admin,O=system:masters");
  client.send({ port, authority: authority.certificate, pair, chunk: Number(chunk) } satisfies Target);
  const lists = await new Promise((resolve) => client.once("message", resolve));
  client.disconnect();
  const highestMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ pods: Number(pods), startSeconds, atRest, lists, afterwards: memory(), highestMegabytes }, undefined, 2));
  await server.close();
  await store.close();
}

/** In megabytes. The store's file is mapped: its pages count as the process's, but the system takes them back whenever it likes. */
function memory(): object {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { own: of("RssAnon"), mappedFiles: of("RssFile") };
}

async function listAll({ port, authority, pair, chunk: limit }: Target): Promise<object[]> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca: authority, cert: pair.certificate, key: pair.key });
  const figures = [];
  for (let time = 0; time < 2; time++) {
    const began = performance.now();
    let [items, bytes, next] = [0, 0, ""];
    do {
      const text = await get(session, `/api/v1/pods?limit=${limit}&continue=${encodeURIComponent(next)}`);
      const page = JSON.parse(text) as { metadata: { continue?: string }; items: unknown[] };
      [items, bytes, next] = [items + page.items.length, bytes + text.length, page.metadata.continue ?? ""];
    } while (next !== "");
    figures.push({ items, megabytes: Math.round(bytes / 1024 ** 2), seconds: round((performance.now() - began) / 1000) });
  }
  session.destroy();
  return figures;
}

function get(session: http2.ClientHttp2Session, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part)).on("error", reject).on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
