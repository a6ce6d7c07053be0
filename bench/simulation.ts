/**
 * Figures of simulated nodes, as JSON: `npx tsx bench/simulation.ts [NODES] [PODS] [SECONDS]`. One process holds a whole cluster in
 * memory: API server, controllers, scheduler and a kubelet for each node. It tells how fast nodes become Ready and the pods of one
 * Deployment Running, what an idle cluster takes of a processor, measured over so many seconds, and of memory.
 * 1,000 nodes, 5,000 pods and 40 seconds when absent; takes about three minutes. Leases are renewed every 20 seconds, in bunches: give a
 * multiple.
 */
import { loadavg } from "node:os";
import { Deployment } from "#api/apps/deployment.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { startCluster } from "#cluster/library.ts";
import { sleep, systemClock } from "#machinery/clock.ts";

const [nodes = 1000, pods = 5000, idleSeconds = 40] = process.argv.slice(2).map(Number);
const lookMilliseconds = 100;

const cluster = await startCluster({ simulatedNodes: nodes });
const client = cluster.client();
const allNodes = await timed(nodes, () => countReady(client));
const idle = await idleCost();
await client.of(Deployment).create(web(pods));
const allPods = await timed(pods, () => countRunning(client));
const figures = {
  loadBefore: loadavg()[0], nodes: { count: nodes, ...allNodes }, idle, pods: { count: pods, ...allPods }, afterPods: await idleCost(),
};
console.log(JSON.stringify(figures, undefined, 2));
await cluster.stop();

async function timed(wanted: number, count: () => Promise<number>): Promise<object> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  while (await count() < wanted) await sleep(systemClock, lookMilliseconds);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: round(seconds), perSecond: Math.round(wanted / seconds), cpuMicrosecondsEach: Math.round((user + system) / wanted) };
}

async function countReady(api: Client): Promise<number> {
  const { items } = await api.of(Node).list("");
  return items.filter(({ status }) => status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True")).length;
}

async function countRunning(api: Client): Promise<number> {
  const { items } = await api.of(Pod).list("default");
  return items.filter(({ status }) => status.phase === "Running").length;
}

async function idleCost(): Promise<object> {
  // What was begun may end first: events are written at a limited rate.
  await sleep(systemClock, 25_000);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await sleep(systemClock, idleSeconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - start);
  return { percentOfOneCore: round(share * 100), residentMegabytes: Math.round(process.memoryUsage.rss() / 1024 ** 2) };
}

function web(replicas: number): object {
  const labels = { app: "web" };
  const containers = [{ name: "main", image: "registry.example/web:1", resources: { requests: { cpu: "100m", memory: "64Mi" } } }];
  const template = { metadata: { labels }, spec: { containers } };
  return { metadata: { name: "web", namespace: "default" }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
