import { expect, it } from "vitest";

import type { ContainerStatus } from "#api/generated/core-v1.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { podOf } from "../../testing/pods.ts";
import { exposition } from "./exposition.ts";
import { busyTicks, memoryIn } from "./machine-usage.ts";
import { resourceMetrics } from "./resource-metrics.ts";
import { summary } from "./summary.ts";
import { machineKey, UsageHistory } from "./usage-history.ts";
import type { ContainerUsage, NodeUsage } from "./usage.ts";

const identity = { uid: "u1", namespace: "default", name: "web" };
const containerOf = (name: string, cpuSeconds: number, workingSet: number): ContainerUsage =>
  ({ id: `${name}-0`, pod: identity, name, cpuNanoseconds: cpuSeconds * 1e9, memory: { workingSet }, layer: { usedBytes: 10, usedInodes: 2 } });
const machine = {
  startedAt: 1_000, cpuNanoseconds: 9e9, memory: { used: 5, workingSet: 4, available: 6 }, disk: { capacity: 100, available: 60, inodes: 10, freeInodes: 7 },
};
const usage: NodeUsage = { at: 60_000, machine, containers: [containerOf("main", 2, 300), containerOf("side", 1, 200)] };
const status = { name: "main", containerID: "containerd://main-0", state: { running: { startedAt: "1970-01-01T00:00:05Z" } }, lastState: {} } as ContainerStatus;
const pod = podOf({}, { containerStatuses: [status] });

it("the summary adds containers up to pods", () => {
  const text = JSON.stringify(summary("node-1", [pod, podOf({}, {}, { uid: "u2" })], { usage, nanoCores: new Map([["main-0", 7], ["side-0", 5], [machineKey, 100]]) }));
  expect(JSON.parse(text)).toEqual({
    node: {
      nodeName: "node-1", startTime: "1970-01-01T00:00:01Z",
      cpu: { time: "1970-01-01T00:01:00Z", usageNanoCores: 100, usageCoreNanoSeconds: 9e9 },
      memory: { time: "1970-01-01T00:01:00Z", availableBytes: 6, usageBytes: 5, workingSetBytes: 4 },
      fs: { time: "1970-01-01T00:01:00Z", availableBytes: 60, capacityBytes: 100, usedBytes: 40, inodes: 10, inodesFree: 7, inodesUsed: 3 },
    },
    pods: [{
      podRef: { name: "web", namespace: "default", uid: "u1" },
      containers: [
        {
          name: "main", startTime: "1970-01-01T00:00:05Z", cpu: { time: "1970-01-01T00:01:00Z", usageNanoCores: 7, usageCoreNanoSeconds: 2e9 },
          memory: { time: "1970-01-01T00:01:00Z", workingSetBytes: 300 }, rootfs: { time: "1970-01-01T00:01:00Z", usedBytes: 10, inodesUsed: 2 },
        },
        expect.objectContaining({ name: "side" }),
      ],
      cpu: { time: "1970-01-01T00:01:00Z", usageNanoCores: 12, usageCoreNanoSeconds: 3e9 },
      memory: { time: "1970-01-01T00:01:00Z", workingSetBytes: 500 },
      "ephemeral-storage": { time: "1970-01-01T00:01:00Z", usedBytes: 20, inodesUsed: 4 },
    }],
  });
});

it("the resource metrics are those that metrics servers read", () => {
  const lines = exposition(resourceMetrics([pod], usage)).split("\n").filter((line) => !line.startsWith("#"));
  expect(lines).toEqual([
    'container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 2 60000',
    'container_cpu_usage_seconds_total{container="side",namespace="default",pod="web"} 1 60000',
    'container_memory_working_set_bytes{container="main",namespace="default",pod="web"} 300 60000',
    'container_memory_working_set_bytes{container="side",namespace="default",pod="web"} 200 60000',
    'container_start_time_seconds{container="main",namespace="default",pod="web"} 5 60000',
    "node_cpu_usage_seconds_total 9 60000",
    "node_memory_working_set_bytes 4 60000",
    'pod_cpu_usage_seconds_total{namespace="default",pod="web"} 3 60000',
    'pod_memory_working_set_bytes{namespace="default",pod="web"} 500 60000',
    "resource_scrape_error 0",
    "",
  ]);
});

it("labels keep their quotes, and families without values are left out", () => {
  expect(exposition([
    { name: "a", help: "A", type: "gauge", samples: [{ labels: { x: 'q"\\\n' }, value: 1.5 }] }, { name: "b", help: "B", type: "gauge", samples: [] },
  ])).toBe('# HELP a A\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 1.5\n');
});

it("rates come from two looks far enough apart, and looks at the same time are one", async () => {
  const clock = new VirtualClock(0);
  let reads = 0;
  let seconds = 0;
  const history = new UsageHistory(() => {
    reads++;
    return Promise.resolve({ at: clock.now(), containers: [containerOf("main", seconds, 0)] });
  }, clock);
  const rate = async (): Promise<number | undefined> => (await history.report()).nanoCores.get("main-0");
  expect(await Promise.all([rate(), rate()])).toEqual([undefined, undefined]);
  expect(reads).toBe(1);
  await clock.advance(10_000);
  seconds = 5;
  expect(await rate()).toBe(500_000_000);
  await clock.advance(2_000);
  seconds = 7;
  expect(await rate()).toBe(500_000_000);
  await clock.advance(8_000);
  seconds = 15;
  expect(await rate()).toBe(1_000_000_000);
});

it("a look that failed is not remembered", async () => {
  let fails = true;
  const history = new UsageHistory(() => (fails ? Promise.reject(new Error("away")) : Promise.resolve(usage)), new VirtualClock(0));
  await expect(history.report()).rejects.toThrow("away");
  fails = false;
  expect((await history.report()).usage).toBe(usage);
});

it("the machine's own figures are read", () => {
  expect(busyTicks("cpu  10 20 30 1000 500 1 2 3 0 0\ncpu0 1 1 1 1\n")).toBe(66);
  expect(memoryIn("MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  400 kB\nAnonPages:  50 kB\n"))
    .toEqual({ used: 921_600, workingSet: 614_400, available: 409_600, resident: 51_200 });
});
