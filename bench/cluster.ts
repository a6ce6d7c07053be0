/**
 * Figures of a whole cluster with real containers, as JSON: `npx tsx bench/cluster.ts [up] [idle] [pods]`, as root; all three when none
 * is named. Brings up a cluster of its own in a temporary directory, from the build as users run it (`./knarr` builds), and removes it
 * again. Two minutes, of which `idle` takes most.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { Pod } from "#api/core/pod.ts";
import { Client } from "#client/client.ts";
import { HttpsTransport } from "#client/https-transport.ts";

const upRounds = 3;
const idleSeconds = 60;
const sequentialPods = 20;
const podsAtOnce = 50;
const image = "knarr.local/hello:1";
const name = `bench-${process.pid}`;
const namespace = "default";

const directory = mkdtempSync(join(tmpdir(), "knarr-bench-"));
const environment = { ...process.env, KNARR_HOME: directory, KUBECONFIG: join(directory, "kubeconfig") };
const wanted = process.argv.slice(2);
const measures = { up: measureUp, idle: measureIdle, pods: measurePods };
try {
  const figures: Record<string, object> = {};
  knarr("up");
  for (const [measure, take] of Object.entries(measures)) {
    if (wanted.length === 0 || wanted.includes(measure)) figures[measure] = { loadBefore: loadavg()[0], ...(await take()) };
  }
  console.log(JSON.stringify(figures, undefined, 2));
} finally {
  spawnSync(join(import.meta.dirname, "..", "knarr"), ["delete", "--name", name], { env: environment });
  rmSync(directory, { recursive: true, force: true });
}

/** Runs the command to its end. @returns seconds */
function knarr(...words: readonly string[]): number {
  const began = performance.now();
  execFileSync(join(import.meta.dirname, "..", "knarr"), [...words, "--name", name], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  return round((performance.now() - began) / 1000, 2);
}

/** From nothing, and again on what is there. */
async function measureUp(): Promise<object> {
  const fromNothingSeconds: number[] = [];
  const againSeconds: number[] = [];
  for (let count = 0; count < upRounds; count++) {
    knarr("delete");
    fromNothingSeconds.push(knarr("up"));
    knarr("down");
    againSeconds.push(knarr("up"));
  }
  return { fromNothingSeconds, againSeconds };
}

/** After a minute's rest, over another. */
async function measureIdle(): Promise<object> {
  await pause(idleSeconds * 1000);
  const processes = ["control-plane", "node-1"].map((process_) => ({ process: process_, pid: childOf(supervisor(process_)) }));
  const before = processes.map(({ pid }) => cpuMilliseconds(pid));
  await pause(idleSeconds * 1000);
  const figures = processes.map(({ process: process_, pid }, index) => ({
    process: process_,
    ...residentMegabytes(pid),
    cpuPercentOfACore: round((cpuMilliseconds(pid) - (before[index] ?? 0)) / (idleSeconds * 10), 2),
  }));
  const sum = (of: (figure: (typeof figures)[number]) => number): number => round(figures.reduce((total, figure) => total + of(figure), 0), 2);
  return { figures, residentMegabytes: sum((one) => one.residentMegabytes), cpuPercentOfACore: sum((one) => one.cpuPercentOfACore) };
}

function supervisor(service: string): number {
  const file = join(directory, "data", name, "processes", `${service}.pid`);
  return Number(readFileSync(file, "utf8").split(" ")[0]);
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

/** User and system time (proc(5): fields 14 and 15, in hundredths of a second). */
function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** `proportional` counts what several processes share, such as Node's own program, in shares. */
function residentMegabytes(pid: number): { residentMegabytes: number; proportionalMegabytes: number } {
  const read = (file: string, field: string): number =>
    round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1]) / 1024, 1);
  return { residentMegabytes: read("status", "VmRSS"), proportionalMegabytes: read("smaps_rollup", "Pss") };
}

/** As a client of the API sees it: from sending the create to the event that says Running. */
async function measurePods(): Promise<object> {
  const client = new Client(connect());
  const running = new Map<string, () => void>();
  const watch = client.of(Pod).watch(namespace, {}, {
    event: ({ object }) => {
      const { metadata, status } = object as Pod;
      if (status.phase === "Running") running.get(metadata.name)?.();
    },
    ended: (error) => console.error("the watch ended", error),
  });
  const start = async (pod: string): Promise<number> => {
    const began = performance.now();
    const told = new Promise<void>((resolve) => running.set(pod, resolve));
    await client.of(Pod).create({
      apiVersion: "v1", kind: "Pod", metadata: { name: pod, namespace },
      spec: { containers: [{ name: "main", image, command: ["sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait"] }] },
    });
    await told;
    return performance.now() - began;
  };
  const remove = async (pods: readonly string[]): Promise<void> => {
    await Promise.all(pods.map((pod) => client.of(Pod).delete(namespace, pod)));
    while ((await client.of(Pod).list(namespace)).items.length > 0) await pause(50);
  };
  await start("warm");
  const times: number[] = [];
  for (let count = 0; count < sequentialPods; count++) times.push(await start(`one-${count}`));
  await remove(["warm", ...times.map((_, index) => `one-${index}`)]);
  const names = Array.from({ length: podsAtOnce }, (_, index) => `many-${index}`);
  const began = performance.now();
  await Promise.all(names.map(start));
  const seconds = round((performance.now() - began) / 1000, 2);
  const removing = performance.now();
  await remove(names);
  const removedSeconds = round((performance.now() - removing) / 1000, 2);
  watch.close();
  await client.transport.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0);
  const oneByOne = { pods: sequentialPods, p50Milliseconds: at(0.5), p95Milliseconds: at(0.95) };
  return { oneByOne, atOnce: { pods: podsAtOnce, seconds, removedSeconds } };
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } }];
  readonly users: readonly [{ readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string } }];
}

function connect(): HttpsTransport {
  const { clusters: [{ cluster }], users: [{ user }] } = parse(readFileSync(environment.KUBECONFIG, "utf8")) as Kubeconfig;
  const text = (base64: string): string => Buffer.from(base64, "base64").toString();
  return new HttpsTransport({
    server: cluster.server, certificateAuthority: text(cluster["certificate-authority-data"]),
    certificate: text(user["client-certificate-data"]), key: text(user["client-key-data"]), userAgent: "knarr-bench",
  });
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
