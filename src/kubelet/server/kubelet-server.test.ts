import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { ContainerStatus, Pod } from "#api/generated/core-v1.ts";
import { systemClock } from "#machinery/clock.ts";
import type { CriClient } from "../runtime/cri/client.ts";
import type { ObservedContainer } from "../runtime/observed.ts";
import { identityOf } from "../runtime/runtime.ts";
import { TestAuthority, type TestPair } from "../testing/certificates.ts";
import { instanceOf, observedOf, podOf } from "../testing/pods.ts";
import { CriAccess } from "./cri-access.ts";
import { KubeletServer } from "./kubelet-server.ts";
import { LogRotation } from "./logs/log-rotation.ts";
import type { ServedPod, ServedPods } from "./served-pods.ts";
import { SimulatedAccess } from "./simulated-access.ts";

let authority: TestAuthority;
let apiServer: TestPair;
let serving: TestPair;
let directory: string;
let served: ServedPod | undefined;
const pods: ServedPods = {
  pods: () => (served === undefined ? [] : [served.pod]),
  worker: (namespace, name) => (served?.pod.metadata.name === name && served.pod.metadata.namespace === namespace ? served : undefined),
};
const runs: unknown[] = [];
const client = {
  execSync: (asked: { cmd: string[] }) => {
    runs.push(asked);
    return Promise.resolve({ stdout: Buffer.from("out\n"), stderr: Buffer.from("err\n"), exitCode: asked.cmd.includes("false") ? 1 : 0 });
  },
} as unknown as CriClient;
let containers: CriAccess;
let server: KubeletServer;
let port: number;
const failures: string[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  [apiServer, serving] = await Promise.all([authority.issue("CN=kube-apiserver-kubelet-client"), authority.issue("CN=system:node:node-1, O=system:nodes")]);
});

const serverOf = (access: CriAccess | SimulatedAccess): KubeletServer => new KubeletServer({
  clock: systemClock, nodeName: "node-1", pods, containers: access, serving, clientAuthority: authority.certificate,
  configuration: { containerLogMaxFiles: 5 }, failed: (what, error) => failures.push(`${what}: ${error.message}`),
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "knarr-kubelet-server-"));
  containers = new CriAccess({ client, clock: systemClock, directories: { logs: directory } });
  server = serverOf(containers);
  port = await server.listen("127.0.0.1", 0);
  served = undefined;
});

afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

afterAll(() => expect(failures).toEqual([]));

interface Told {
  readonly code: number;
  readonly text: string;
}

function open(path: string, method = "GET", pair: TestPair | undefined = apiServer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const credentials = pair === undefined ? {} : { cert: pair.certificate, key: pair.key };
    request({ host: "127.0.0.1", port, path, method, ca: authority.certificate, agent: false, ...credentials }, resolve).on("error", reject).end();
  });
}

async function ask(path: string, method?: string, pair?: TestPair): Promise<Told> {
  const response = await open(path, method, pair);
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { code: response.statusCode ?? 0, text };
}

const statusOf = (rest: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: "main", ready: true, restartCount: 0, image: "", imageID: "", state: { running: {} }, lastState: {}, containerID: "containerd://main-0", ...rest,
});

function serve(statuses: readonly ContainerStatus[] = [statusOf()], instances: readonly (string | ObservedContainer)[] = ["main running"]): Pod {
  const pod = podOf({}, { containerStatuses: statuses });
  served = { pod, status: pod.status, observed: observedOf(pod, instances) };
  return pod;
}

async function write(text: string, attempt = 0): Promise<string> {
  const pod = served!.pod;
  const path = containers.logPath(identityOf(pod), instanceOf(pod, "main running", { attempt }));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const line = (text: string): string => `2026-01-02T03:04:05.000000006Z stdout F ${text}\n`;

describe("who asks", () => {
  it("needs a certificate of the cluster's, and a right, but for its health", async () => {
    const others = await TestAuthority.create();
    const [node, admin, stranger] = await Promise.all([
      authority.issue("CN=system:node:node-2, O=system:nodes"), authority.issue("CN=ada, O=crew, O=system:masters"), others.issue("CN=kube-apiserver-kubelet-client"),
    ]);
    const anonymous = await new Promise<IncomingMessage>((resolve) => {
      request({ host: "127.0.0.1", port, path: "/pods", ca: authority.certificate, agent: false }, resolve).end();
    });
    expect(anonymous.statusCode).toBe(401);
    anonymous.resume();
    expect((await ask("/pods", "GET", stranger)).code).toBe(401);
    expect(await ask("/pods", "GET", node)).toEqual({
      code: 403, text: "Forbidden (user=system:node:node-2, verb=get, resource=nodes, subresource(s)=[pods])\n",
    });
    expect((await ask("/absent", "GET", node)).code).toBe(403);
    expect((await ask("/pods", "GET", admin)).code).toBe(200);
    expect(await ask("/healthz", "GET", stranger)).toEqual({ code: 200, text: "ok" });
  });

  it("hears what is not there", async () => {
    expect((await ask("/absent")).code).toBe(404);
    expect((await ask("/pods", "DELETE")).code).toBe(405);
    expect((await ask("/containerLogs/a/b/c")).text).toBe('pod "b" not found\n');
    expect((await ask("//")).code).toBe(404);
  });
});

it("shows the node's pods and its own settings", async () => {
  serve();
  expect(JSON.parse((await ask("/pods")).text)).toMatchObject({ kind: "PodList", items: [{ metadata: { name: "web" } }] });
  expect(JSON.parse((await ask("/configz")).text)).toMatchObject({ kubeletconfig: { kind: "KubeletConfiguration", containerLogMaxFiles: 5 } });
});

it("runs a command", async () => {
  serve();
  expect(await ask("/run/default/web/main?cmd=ls%20-l", "POST")).toEqual({ code: 200, text: "out\nerr\n" });
  expect(runs).toEqual([{ containerId: "main-0", cmd: ["ls", "-l"] }]);
  expect((await ask("/run/default/web/u1/main?cmd=false", "POST")).code).toBe(500);
  expect((await ask("/run/default/web/u2/main?cmd=ls", "POST")).code).toBe(404);
  expect((await ask("/run/default/web/absent?cmd=ls", "POST")).text).toBe('container not found ("absent")\n');
});

describe("logs", () => {
  it("are those of the running container, or of the one before", async () => {
    serve([statusOf({ containerID: "containerd://main-1", lastState: { terminated: { exitCode: 1, containerID: "containerd://main-0" } } })], []);
    const pod = served!.pod;
    served = { ...served!, observed: observedOf(pod, [instanceOf(pod, "main running", { id: "main-1", attempt: 1 }), "main exited 1"]) };
    await write(line("before"), 0);
    await write(line("now") + line("later"), 1);
    expect(await ask("/containerLogs/default/web/main")).toEqual({ code: 200, text: "now\nlater\n" });
    expect((await ask("/containerLogs/default/web/main?tailLines=1&timestamps=true")).text).toBe("2026-01-02T03:04:05.000000006Z later\n");
    expect((await ask("/containerLogs/default/web/main?previous=true")).text).toBe("before\n");
  });

  it.each([
    ["absent", {}, 404, 'container "absent" not found in pod "web"'],
    ["main", { state: { waiting: { reason: "ContainerCreating" } } }, 400, 'container "main" in pod "web" is waiting to start: ContainerCreating'],
    ["main", { state: { waiting: { reason: "ImagePullBackOff" } } }, 400, 'container "main" in pod "web" is waiting to start: trying and failing to pull image'],
    ["main?previous=true", {}, 400, 'previous terminated container "main" in pod "web" not found'],
    ["main?tailLines=-1", {}, 422, "tailLines: Invalid value: -1: must be greater than or equal to 0"],
    ["main", {}, 400, /^unable to retrieve container logs for container "main": ENOENT/],
    ["main", { containerID: "containerd://gone" }, 400, "unable to retrieve container logs for containerd://gone"],
  ])("of %s that is %j answer %i", async (path, status, code, message) => {
    serve([statusOf(status)]);
    const told = await ask(`/containerLogs/default/web/${path}`);
    expect(told.code).toBe(code);
    if (typeof message === "string") expect(told.text).toBe(`${message}\n`);
    else expect(told.text).toMatch(message);
  });

  it("are followed until the container ends", async () => {
    serve();
    const pod = served!.pod;
    const path = await write(line("one"));
    const response = await open("/containerLogs/default/web/main?follow=true");
    let text = "";
    const ended = new Promise<void>((resolve) => void response.on("data", (chunk: Buffer) => (text += String(chunk))).on("end", resolve));
    await expect.poll(() => text).toBe("one\n");
    await writeFile(path, line("two"), { flag: "a" });
    await expect.poll(() => text).toBe("one\ntwo\n");
    served = { ...served!, observed: observedOf(pod, ["main exited 0"]) };
    await ended;
  });

  it("wait for a client that does not read", async () => {
    serve();
    await write(line("x".repeat(1_000)).repeat(20_000));
    const response = await open("/containerLogs/default/web/main");
    response.pause();
    const before = process.memoryUsage().rss;
    await new Promise((resolve) => void setTimeout(resolve, 100));
    expect(process.memoryUsage().rss - before).toBeLessThan(15_000_000);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(20_000 * 1_001);
  });

  it("of simulated containers say what would have happened, and nothing runs in them", async () => {
    const simulated = serverOf(new SimulatedAccess(systemClock));
    await server.close();
    server = simulated;
    port = await simulated.listen("127.0.0.1", 0);
    serve([statusOf({ state: { terminated: { exitCode: 3, containerID: "simulated://main-0" } } })], ["main exited 3"]);
    expect((await ask("/containerLogs/default/web/main?timestamps=1")).text)
      .toBe("1970-01-01T00:00:01.000000000Z container main of pod default/web started\n1970-01-01T00:00:02.000000000Z exited with code 3\n");
    expect((await ask("/containerLogs/default/web/main?tailLines=1")).text).toBe("exited with code 3\n");
    serve();
    expect(await ask("/run/default/web/main?cmd=ls", "POST")).toMatchObject({ code: 500, text: expect.stringContaining("simulated") as string });
  });
});

describe("rotation", () => {
  const rotationOf = (reopen: () => Promise<void>): LogRotation => new LogRotation({
    clock: systemClock, pods, reopen, logPath: (pod, container) => containers.logPath(pod, container), mostBytes: 100, mostFiles: 3,
    failed: (what, error) => void told.push(`${what}: ${error.message}`),
  });
  let told: string[] = [];
  beforeEach(() => void (told = []));

  it("puts large logs aside and lets the oldest go", async () => {
    serve();
    const path = await write(line("x".repeat(100)));
    for (const second of ["01", "02", "03"]) await writeFile(`${path}.20260102-0304${second}`, "");
    const rotation = rotationOf(() => writeFile(path, ""));
    await rotation.rotateAll();
    await rotation.rotateAll();
    const files = (await readdir(dirname(path))).toSorted();
    expect(files).toEqual(["0.log", "0.log.20260102-030403", expect.stringMatching(/^0\.log\.\d{8}-\d{6}$/)]);
    expect(told).toEqual([]);
  });

  it("that the runtime does not take part in is undone", async () => {
    serve();
    const path = await write(line("x".repeat(100)));
    await rotationOf(() => Promise.reject(new Error("no"))).rotateAll();
    expect(await readdir(dirname(path))).toEqual(["0.log"]);
    expect(told).toEqual(["rotate the log of container main of pod default/web: no"]);
  });
});
