import { beforeEach, describe, expect, it } from "vitest";

import type { Pod, Probe } from "#api/generated/core-v1.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { seededRandom } from "#machinery/random.ts";
import type { PodProbes } from "../lifecycle.ts";
import type { ObservedContainer } from "../runtime/observed.ts";
import { containerOf, instanceOf, observedOf, podOf } from "../testing/pods.ts";
import type { Attempt } from "./attempt.ts";
import { podProbes } from "./pod-probes.ts";

type Kind = "startup" | "liveness" | "readiness";

let clock: VirtualClock;
let tries: string[];
let events: string[];
let changes: number;
/** What each kind of probe finds, by the command that stands for it. */
let finds: Record<Kind, Attempt["outcome"]>;
let running: PodProbes;

function probeOf(kind: Kind, rest: Partial<Probe> = {}): Probe {
  return { exec: { command: [kind] }, periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3, ...rest };
}

function probesOf(pod: Pod, container: Partial<ObservedContainer> = {}): void {
  const factory = podProbes({
    clock, random: seededRandom(1), hostIPs: ["192.0.2.1"],
    events: { event: (_object, _type, reason, message, path) => void events.push(`${reason} ${path} ${message}`) },
    prober: (handler, target) => {
      const kind = handler.exec?.command?.[0] as Kind;
      tries.push(`${clock.now() / 1000} ${kind} ${target.containerId} ${target.address}`);
      return Promise.resolve({ outcome: finds[kind], output: "said" });
    },
  });
  running = factory(pod, () => void changes++);
  running.update(pod, observedOf(pod, [instanceOf(pod, "main running", container)]), new Set());
}

const health = (id = "main-0"): unknown => running.health.get(id);
const times = (): number[] => tries.splice(0).map((text) => Number(text.split(" ")[0]));

beforeEach(() => {
  clock = new VirtualClock(1_000);
  [tries, events, changes] = [[], [], 0];
  finds = { startup: "success", liveness: "success", readiness: "success" };
});

describe("readiness", () => {
  it("is asked at once, and then once a period", async () => {
    probesOf(podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness") })] }));
    expect(health()).toEqual({});
    await clock.advance(0);
    expect(health()).toEqual({ readiness: true });
    expect(changes).toBe(1);
    await clock.advance(30_000);
    expect(tries.map((text) => text.split(" ").slice(2).join(" "))).toEqual(Array(4).fill("main-0 10.1.0.5"));
    expect(times()).toEqual([1, 11, 21, 31]);
  });

  it("of a slow start is asked again soon, later once a period", async () => {
    finds.readiness = "failure";
    probesOf(podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness") })] }));
    await clock.advance(40_000);
    expect(times()).toEqual([1, 2, 4, 8, 16, 26, 36]);
    expect(health()).toEqual({ readiness: false });
    expect(events[0]).toBe("Unhealthy spec.containers{main} Readiness probe failed: said");
    finds.readiness = "success";
    await clock.advance(10_000);
    expect(health()).toEqual({ readiness: true });
  });

  it("waits for the delay, counted from the container's start", async () => {
    probesOf(podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness", { initialDelaySeconds: 5 }) })] }));
    await clock.advance(4_999);
    expect(times()).toEqual([]);
    await clock.advance(1);
    expect(times()).toEqual([6]);
  });

  it("comes and goes by its thresholds", async () => {
    probesOf(podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness", { successThreshold: 2, failureThreshold: 2 }) })] }));
    await clock.advance(9_000);
    expect(health()).toEqual({});
    await clock.advance(1_000);
    expect(health()).toEqual({ readiness: true });
    finds.readiness = "failure";
    await clock.advance(10_000);
    expect(health()).toEqual({ readiness: true });
    await clock.advance(10_000);
    expect(health()).toEqual({ readiness: false });
  });

  it("is not judged by what could not be tried, and a warning is a success", async () => {
    finds.readiness = "unknown";
    probesOf(podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness", { periodSeconds: 1, failureThreshold: 1 }) })] }));
    await clock.advance(3_000);
    expect(health()).toEqual({});
    expect(events[0]).toContain("Readiness probe errored and resulted in unknown state: said");
    finds.readiness = "warning";
    await clock.advance(1_000);
    expect(health()).toEqual({ readiness: true });
    expect(events.at(-1)).toBe("ProbeWarning spec.containers{main} Readiness probe warning: said");
  });
});

describe("liveness", () => {
  it("fails at its threshold, and then the container is left alone", async () => {
    finds.liveness = "failure";
    probesOf(podOf({ containers: [containerOf("main", { livenessProbe: probeOf("liveness") })] }));
    await clock.advance(19_999);
    expect(health()).toEqual({});
    await clock.advance(1);
    expect(health()).toEqual({ liveness: false });
    await clock.advance(60_000);
    expect(times()).toEqual([1, 11, 21]);
  });

  it("begins anew with the next instance", async () => {
    finds.liveness = "failure";
    const pod = podOf({ containers: [containerOf("main", { livenessProbe: probeOf("liveness", { failureThreshold: 1 }) })] });
    probesOf(pod);
    await clock.advance(0);
    expect(health()).toEqual({ liveness: false });
    finds.liveness = "success";
    const next = instanceOf(pod, "main running", { id: "main-1", attempt: 1, startedAt: 3_000 });
    running.update(pod, observedOf(pod, [next, instanceOf(pod, "main exited 137")]), new Set(["main"]));
    await clock.advance(3_000);
    expect(running.health.size).toBe(0);
    running.update(pod, observedOf(pod, [next, instanceOf(pod, "main exited 137")]), new Set());
    await clock.advance(0);
    expect(health("main-1")).toEqual({ liveness: true });
  });

  it("is of no interest once the pod is to go", async () => {
    finds.liveness = "failure";
    const container = containerOf("main", { livenessProbe: probeOf("liveness"), readinessProbe: probeOf("readiness") });
    const pod = podOf({ containers: [container] });
    probesOf(pod);
    await clock.advance(5_000);
    const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    running.update(going, observedOf(pod, ["main running"]), new Set());
    times();
    await clock.advance(30_000);
    expect(tries.every((text) => text.includes("readiness"))).toBe(true);
    expect(tries).toHaveLength(3);
  });
});

describe("startup", () => {
  const container = containerOf("main", {
    startupProbe: probeOf("startup", { periodSeconds: 2 }), livenessProbe: probeOf("liveness"), readinessProbe: probeOf("readiness"),
  });

  it("holds the others back, is asked no more when it succeeded, and then lets them begin at once", async () => {
    finds.startup = "failure";
    probesOf(podOf({ containers: [container] }));
    await clock.advance(3_000);
    expect(health()).toEqual({});
    finds.startup = "success";
    await clock.advance(1_000);
    expect(health()).toEqual({ startup: true, liveness: true, readiness: true });
    expect(tries.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual(["1 startup", "3 startup", "5 startup", "5 liveness", "5 readiness"]);
    tries = [];
    await clock.advance(10_000);
    expect(tries.filter((text) => text.includes("startup"))).toEqual([]);
  });

  it("that fails too often is told", async () => {
    finds.startup = "failure";
    probesOf(podOf({ containers: [container] }));
    await clock.advance(60_000);
    expect(health()).toEqual({ startup: false });
    expect(times()).toEqual([1, 3, 5]);
    expect(events.at(-1)).toBe("Unhealthy spec.containers{main} Startup probe failed: said");
  });

  it("is not asked again of a container that started before this kubelet did, and stays ready meanwhile", async () => {
    const status = { containerStatuses: [{
      name: "main", ready: true, started: true, restartCount: 0, image: "", imageID: "", containerID: "containerd://main-0", state: {}, lastState: {},
    }] };
    probesOf(podOf({ containers: [container] }, status));
    expect(health()).toEqual({ startup: true, readiness: true });
    await clock.advance(10_000);
    expect(tries.filter((text) => text.includes("startup"))).toEqual([]);
    expect(tries.some((text) => text.includes("readiness"))).toBe(true);
  });
});

it("what has ended is forgotten, and nothing goes on after a stop", async () => {
  const pod = podOf({ containers: [containerOf("main", { readinessProbe: probeOf("readiness") })] });
  probesOf(pod);
  await clock.advance(0);
  running.update(pod, observedOf(pod, ["main exited 0"]), new Set());
  expect(running.health.size).toBe(0);
  running.update(pod, observedOf(pod, ["main running"]), new Set());
  running.stop();
  times();
  await clock.advance(60_000);
  expect(times()).toEqual([]);
});
