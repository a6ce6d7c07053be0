import { expect, onTestFinished, test } from "vitest";
import { Event } from "#api/core/event.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { PodMetrics } from "#api/metrics/pod-metrics.ts";
import { startCluster, type Cluster } from "#cluster/library.ts";
import { plainFleet } from "#cluster/simulated-nodes/fleet.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { passOn } from "./passing-time.ts";

const start = Date.UTC(2026, 0, 1);
const span = (least: string, most: string): { least: string; most: string } => ({ least, most });

async function fleetForTest(simulatedNodes: number, fleet = plainFleet): Promise<{ cluster: Cluster; clock: VirtualClock }> {
  const clock = new VirtualClock(start);
  const cluster = await startCluster({ simulatedNodes, fleet, clock });
  onTestFinished(() => cluster.stop());
  return { cluster, clock };
}

const isReady = ({ status }: Node | Pod): boolean =>
  (status.conditions as readonly { type: string; status: string }[] | undefined)?.some((one) => one.type === "Ready" && one.status === "True") ?? false;

test("nodes stay ready, however long the clock runs", async () => {
  const { cluster, clock } = await fleetForTest(5);
  const nodes = cluster.client().of(Node);
  await passOn(clock, 10);
  await clock.advance(300_000);
  const { items } = await nodes.list("");
  expect(items.map((node) => [node.metadata.name, node.spec.taints, isReady(node)]))
    .toEqual([1, 2, 3, 4, 5].map((number) => [`sim-${number}`, undefined, true]));
});

test("nodes come in the shapes and zones of their fleet, when it says so", async () => {
  const { cluster, clock } = await fleetForTest(4, {
    ...plainFleet, region: "north", zones: ["a", "b"], nodeStart: span("20s", "20s"), podStart: span("3s", "3s"),
    shapes: [
      { count: 1, capacity: { "nvidia.com/gpu": "2" }, labels: { kind: "gpu" }, taints: [{ key: "gpu", effect: "NoSchedule" }] },
      { count: 1, capacity: { cpu: "4" }, labels: { kind: "plain" } },
    ],
  });
  const [nodes, pods] = [cluster.client().of(Node), cluster.client().of(Pod)];
  await passOn(clock, 19);
  expect((await nodes.list("")).items).toEqual([]);
  await passOn(clock, 2);
  const { items } = await nodes.list("");
  expect(items.map(({ metadata: { name, labels = {} }, status: { capacity = {} } }) =>
    [name, labels["kind"], labels["topology.kubernetes.io/zone"], capacity["cpu"], capacity["nvidia.com/gpu"]])).toEqual([
    ["sim-1", "gpu", "a", "32", "2"], ["sim-2", "plain", "b", "4", undefined], ["sim-3", "gpu", "a", "32", "2"], ["sim-4", "plain", "b", "4", undefined],
  ]);
  const tolerations = [{ key: "gpu", operator: "Exists" }] as const;
  const resources = { limits: { "nvidia.com/gpu": "2" } };
  for (const name of ["one", "two", "three"]) {
    await pods.create({ metadata: { name, namespace: "default" }, spec: { tolerations, containers: [{ name: "main", image: "a", resources }] } });
  }
  await passOn(clock, 2);
  const placed = (await pods.list("default")).items;
  expect(placed.map(({ status }) => status.phase)).toEqual(["Pending", "Pending", "Pending"]);
  expect(new Set(placed.map(({ spec }) => spec.nodeName))).toEqual(new Set(["sim-1", "sim-3", undefined]));
  await passOn(clock, 3);
  const running = (await pods.list("default")).items.filter(({ status }) => status.phase === "Running");
  expect(running.map(({ spec }) => spec.nodeName).filter((name) => name === "sim-1" || name === "sim-3")).toHaveLength(2);
});

test("pods end, crash and are unready as their annotations say, and tell it and what they use", async () => {
  const { cluster, clock } = await fleetForTest(2);
  const pods = cluster.client().of(Pod);
  await passOn(clock, 2);
  const make = (name: string, told: Record<string, string>, restartPolicy: "Always" | "Never" = "Always"): Promise<Pod> => pods.create({
    metadata: { name, namespace: "default", annotations: Object.fromEntries(Object.entries(told).map(([key, value]) => [`simulation.knarr.dev/${key}`, value])) },
    spec: { restartPolicy, containers: [{ name: "main", image: "a", readinessProbe: { tcpSocket: { port: 80 } } }] },
  });
  await make("completes", { run: "5" }, "Never");
  await make("fails", { run: "5", "exit-code": "137", "exit-reason": "OOMKilled" }, "Never");
  await make("crashes", { run: "1", "exit-code": "3" });
  await make("unready", { ready: "false" });
  await make("well", { cpu: "250m", memory: "64Mi" });
  await passOn(clock, 30);
  const by = Object.fromEntries((await pods.list("default")).items.map((pod) => [pod.metadata.name, pod]));
  const summary = (name: string): readonly unknown[] => [by[name]?.status.phase, by[name] !== undefined && isReady(by[name])];
  expect([summary("completes"), summary("fails"), summary("unready"), summary("well")])
    .toEqual([["Succeeded", false], ["Failed", false], ["Running", false], ["Running", true]]);
  expect(by["fails"]?.status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  expect(by["crashes"]?.status.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
  const told = (await cluster.client().of(Event).list("default")).items.filter(({ involvedObject }) => involvedObject.name === "well");
  expect(told.map(({ reason, source }) => [reason, source?.component])).toEqual([
    ["Scheduled", "default-scheduler"], ...["Pulling", "Pulled", "Created", "Started"].map((reason) => [reason, "kubelet"]),
  ]);
  await passOn(clock, 60);
  const used = await cluster.client().of(PodMetrics).get("default", "well");
  expect(used.containers).toMatchObject([{ name: "main", usage: { cpu: "250m", memory: "64Mi" } }]);
});
