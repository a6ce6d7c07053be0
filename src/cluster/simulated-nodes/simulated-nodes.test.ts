import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fleet } from "#api/generated/simulation-v1.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { seededRandom, timeUntilNext } from "#machinery/random.ts";
import { describeNode } from "./describe-node.ts";
import { boundsOf, drawBetween, nodesIn, readFleet } from "./fleet.ts";
import { NodeLife } from "./node-life.ts";

async function read(text: string): Promise<Fleet> {
  const directory = mkdtempSync(path.join(tmpdir(), "knarr-fleet-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, "fleet.yaml");
  writeFileSync(file, text);
  return readFleet(file);
}

const head = "apiVersion: simulation.knarr.dev/v1\nkind: Fleet\n";

test("the example describes a fleet", async () => {
  const fleet = await readFleet(path.join(import.meta.dirname, "../../../examples/fleet.yaml"));
  expect(nodesIn(fleet)).toBe(10);
  const nodes = Array.from({ length: 20 }, (_, index) => describeNode(index + 1, fleet));
  const withAccelerators = nodes.filter(({ capacity }) => capacity["nvidia.com/gpu"] === "8");
  expect(withAccelerators.map(({ name }) => name)).toEqual(["sim-9", "sim-10", "sim-19", "sim-20"]);
  expect(withAccelerators[0]).toMatchObject({
    capacity: { cpu: "64", pods: "250" },
    taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
    labels: { "topology.kubernetes.io/zone": "north-c", "topology.kubernetes.io/region": "north", "knarr.dev/simulated": "true" },
  });
  expect(boundsOf(fleet.nodeStart, [0, 0])).toEqual([0, 5000]);
});

test.each([
  ["", /no fleet of simulated nodes: json: cannot unmarshal|no fleet of simulated nodes/],
  ["apiVersion: v1\nkind: Fleet\n", /begins with "apiVersion: simulation.knarr.dev\/v1"/],
  [`${head}shape: []\n`, /unknown field "shape"/],
  [`${head}shapes: [{count: 0}]\n`, /shapes\[0\]\.count/],
  [`${head}shapes: [{capacity: {cpu: many}}]\n`, /quantities|quantity|regular expression/],
  [`${head}nodeStart: {least: soon}\n`, /duration/],
  [`${head}podFailuresPerHour: -1\n`, /podFailuresPerHour/],
  ["a: [", /fleet.yaml is no fleet/],
])("%j is refused with the field and the way out", async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
  await expect(read(text)).rejects.toThrow("see docs/simulation.md");
});

test("a file that is not there is told in one line", async () => {
  await expect(readFleet("/nowhere/fleet.yaml")).rejects.toThrow("cannot read /nowhere/fleet.yaml (ENOENT): give --fleet");
});

test("times are drawn between their bounds, and events come as often as they are said to", () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 1000 }, () => drawBetween([100, 200], random));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...drawn)).toBeLessThan(200);
  const waits = Array.from({ length: 10_000 }, () => timeUntilNext(60, random) ?? 0);
  const average = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  expect(average / 60_000).toBeCloseTo(1, 1);
  expect(timeUntilNext(0, random)).toBeUndefined();
});

test("a node that loses its power is gone for a while and starts anew, until it is stopped", async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const life = new NodeLife({
    clock, startsAfter: () => 10, failsAfter: () => 100, downFor: () => 50,
    boot: () => {
      log.push(`on ${clock.now()}`);
      return { stop: async () => void log.push(`off ${clock.now()}`) };
    },
  });
  life.start();
  await clock.advance(300);
  expect(log).toEqual(["on 10", "off 110", "on 170", "off 270"]);
  await life.stop();
  await clock.advance(1000);
  expect(log).toHaveLength(4);
});
