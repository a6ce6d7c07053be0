import { describe, expect, test } from "vitest";
import type { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import type { Pod } from "#api/core/pod.ts";
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus, MetricSpec } from "#api/generated/autoscaling-v2.ts";
import { aPod, at, epoch, metadataOf, type PodWish, podSpec } from "../testing/objects.ts";
import { decide } from "./horizontal-pod-autoscaler/decide.ts";
import { type Memory, nothingRemembered } from "./horizontal-pod-autoscaler/memory.ts";
import type { Reading } from "./horizontal-pod-autoscaler/world.ts";

const now = epoch + 10_000_000;
const cpu: MetricSpec = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } };
const cpuAmount: MetricSpec = { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "500m" } } };
const proxyCpu: MetricSpec = { type: "ContainerResource", containerResource: { name: "cpu", container: "web", target: { type: "Utilization", averageUtilization: 50 } } };
const users: MetricSpec = { type: "Pods", pods: { metric: { name: "users" }, target: { type: "AverageValue", averageValue: "10" } } };
const requests: MetricSpec = {
  type: "Object", object: { describedObject: { kind: "Service", name: "web" }, metric: { name: "requests" }, target: { type: "Value", value: "100" } },
};
const queue: MetricSpec = { type: "External", external: { metric: { name: "queue" }, target: { type: "AverageValue", averageValue: "30" } } };

function autoscaler(spec: Partial<HorizontalPodAutoscalerSpec> = {}, status: Partial<HorizontalPodAutoscalerStatus> = {}): HorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: metadataOf("web"),
    spec: { scaleTargetRef: { kind: "Deployment", name: "web" }, minReplicas: 1, maxReplicas: 20, metrics: [cpu], ...spec },
    status: { currentReplicas: 0, desiredReplicas: 0, ...status },
  };
}

/** Requests one core, has run for long. */
function pod(name: string, wish: PodWish = {}): Pod {
  const containers = [{ ...podSpec.containers[0]!, resources: { requests: { cpu: "1" } } }];
  return aPod(name, { readySince: 0, ...wish, spec: { containers }, status: { startTime: at(0), ...wish.status } });
}

const pods = (count: number): Pod[] => Array.from({ length: count }, (_, index) => pod(`p${index}`));
/** Thousandths by pod, p0 first; `undefined`: nothing is known of it. */
const measured = (...values: (number | undefined)[]): Reading => ({
  is: "pods", values: new Map(values.flatMap((value, index) => (value === undefined ? [] : [[`p${index}`, { value, at: now, window: 30_000 }] as const]))),
});
const amount = (value: number): Reading => ({ is: "amount", value: value * 1000 });

interface Case {
  readonly spec?: Partial<HorizontalPodAutoscalerSpec>;
  readonly replicas: number;
  readonly pods?: readonly Pod[];
  readonly readings: readonly Reading[];
  readonly memory?: Memory;
}

function look({ spec, replicas, pods: all = pods(replicas), readings, memory = nothingRemembered }: Case) {
  return decide(autoscaler(spec), { scale: { replicas, statusReplicas: replicas, selector: "app=web" }, pods: all, readings }, memory, now);
}

const conditionsOf = ({ status }: ReturnType<typeof look>): Record<string, string> =>
  Object.fromEntries((status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]));

describe("as many pods are wanted as bring the metric to its goal:", () => {
  test.each<[string, Case, number | undefined]>([
    ["more where they are busy", { replicas: 3, readings: [measured(800, 900, 700)] }, 5],
    ["no change within the tolerance", { replicas: 3, readings: [measured(540, 550, 530)] }, undefined],
    ["nor within a tolerance of one's own", { spec: { behavior: { scaleUp: { tolerance: "500m", policies: [{ type: "Pods", value: 9, periodSeconds: 15 }] } } }, replicas: 3, readings: [measured(700, 700, 700)] }, undefined],
    ["never more than the most", { spec: { maxReplicas: 4 }, replicas: 3, readings: [measured(900, 900, 900)] }, 4],
    ["no more than twice as many at once", { replicas: 4, readings: [measured(5000, 5000, 5000, 5000)] }, 8],
    ["by an amount for each pod", { spec: { metrics: [cpuAmount] }, replicas: 2, readings: [measured(1000, 1000)] }, 4],
    ["by one container", { spec: { metrics: [proxyCpu] }, replicas: 2, readings: [measured(1000, 1000)] }, 4],
    ["by a metric of each pod", { spec: { metrics: [users] }, replicas: 2, readings: [measured(15_000, 15_000)] }, 3],
    ["by a metric of one object", { spec: { metrics: [requests] }, replicas: 2, readings: [amount(150)] }, 3],
    ["by each pod's share of a metric from outside", { spec: { metrics: [queue] }, replicas: 2, readings: [amount(100)] }, 4],
    ["by the metric that wants most", { spec: { metrics: [cpu, users] }, replicas: 2, readings: [measured(500, 500), measured(20_000, 20_000)] }, 4],
    ["from none, by the amount alone", { spec: { metrics: [requests], minReplicas: 0 }, replicas: 0, readings: [amount(250)] }, 3],
    ["at least so many", { spec: { minReplicas: 3 }, replicas: 2, readings: [measured(100, 100)] }, 3],
    ["at most so many", { spec: { maxReplicas: 3 }, replicas: 5, readings: [measured(900, 900, 900, 900, 900)] }, 3],
  ])("%s", (_, given, expected) => expect(look(given).replicas).toBe(expected));
});

describe("pods of which little is known make changes smaller:", () => {
  const fresh: PodWish = { readySince: 9_990, status: { startTime: at(9_980) } };
  test.each<[string, Case, number | undefined]>([
    ["those that are not measured are taken to do nothing where more are wanted", { replicas: 3, readings: [measured(1000, 1000, undefined)] }, 4],
    ["and as much as they request where fewer are", { replicas: 4, readings: [measured(100, 100, 100, undefined)], memory: { ...nothingRemembered, recommendations: [{ replicas: 1, at: 0 }] } }, 3],
    ["those that have just started do not count", { replicas: 2, pods: [pod("p0"), pod("p1", fresh)], readings: [measured(500, 5000)] }, undefined],
    ["and do nothing where more are wanted", { replicas: 2, pods: [pod("p0"), pod("p1", fresh)], readings: [measured(1500, 5000)] }, 3],
    ["those that wait for a node do nothing yet", { replicas: 2, pods: [pod("p0"), pod("p1", { phase: "Pending" })], readings: [measured(2000)] }, 4],
    ["those that failed are not there", { replicas: 2, pods: [pod("p0"), pod("p1", { phase: "Failed" })], readings: [measured(500, 9000)] }, undefined],
    ["a change that would turn the direction is none", { replicas: 2, readings: [measured(600, undefined)] }, undefined],
  ])("%s", (_, given, expected) => expect(look(given).replicas).toBe(expected));
});

describe("changes come at a pace:", () => {
  const up = (rules: object): Partial<HorizontalPodAutoscalerSpec> => ({ behavior: { scaleUp: { selectPolicy: "Max", ...rules } } });
  const down = (rules: object): Partial<HorizontalPodAutoscalerSpec> => ({ behavior: { scaleDown: { selectPolicy: "Max", stabilizationWindowSeconds: 0, ...rules } } });
  const pod4 = { type: "Pods", value: 4, periodSeconds: 60 };
  const half = { type: "Percent", value: 50, periodSeconds: 60 };
  const busy = [measured(...Array.from({ length: 10 }, () => 2000))];
  const idle = [measured(...Array.from({ length: 10 }, () => 10))];
  const before = (seconds: number) => now - seconds * 1000;
  test.each<[string, Case, number | undefined]>([
    ["by the policy that lets most", { spec: up({ policies: [pod4, half] }), replicas: 10, readings: busy }, 15],
    ["by the one that lets least", { spec: up({ policies: [pod4, half], selectPolicy: "Min" }), replicas: 10, readings: busy }, 14],
    ["not at all", { spec: up({ policies: [pod4], selectPolicy: "Disabled" }), replicas: 10, readings: busy }, undefined],
    ["less what was added already", { spec: up({ policies: [pod4] }), replicas: 10, readings: busy, memory: { ...nothingRemembered, recommendations: [{ replicas: 10, at: before(300) }], ups: [{ by: 3, at: before(30) }] } }, 11],
    ["down by the policy that lets most", { spec: down({ policies: [pod4, half] }), replicas: 10, readings: idle, memory: { ...nothingRemembered, recommendations: [{ replicas: 1, at: 0 }] } }, 5],
    ["down by the one that lets least", { spec: down({ policies: [pod4, half], selectPolicy: "Min" }), replicas: 10, readings: idle, memory: { ...nothingRemembered, recommendations: [{ replicas: 1, at: 0 }] } }, 6],
    ["not down while it was wished larger", { replicas: 10, readings: idle, memory: { ...nothingRemembered, recommendations: [{ replicas: 8, at: before(200) }, { replicas: 10, at: before(400) }] } }, 8],
    ["not up while it was wished smaller", { spec: up({ policies: [pod4], stabilizationWindowSeconds: 60 }), replicas: 10, readings: busy, memory: { ...nothingRemembered, recommendations: [{ replicas: 10, at: before(30) }] } }, undefined],
  ])("%s", (_, given, expected) => expect(look(given).replicas).toBe(expected));
});

test("it tells how it came to that", () => {
  const decision = look({ spec: { maxReplicas: 4 }, replicas: 3, readings: [measured(900, 900, 900)] });
  expect(decision.reason).toBe("cpu resource utilization (percentage of request) above target");
  expect(conditionsOf(decision)).toEqual({ AbleToScale: "True ReadyForNewScale", ScalingActive: "True ValidMetricFound", ScalingLimited: "True TooManyReplicas" });
  expect(decision.status).toMatchObject({
    currentReplicas: 3, currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "900m" } } }],
  });
});

test("without a metric nothing changes, and the first that fails is told", () => {
  const error = "unable to get metrics for resource cpu: no metrics returned from resource metrics API";
  const decision = look({ replicas: 3, readings: [{ is: "unknown", error }] });
  expect(decision.replicas).toBeUndefined();
  expect(conditionsOf(decision)["ScalingActive"]).toBe("False FailedGetResourceMetric");
  expect(decision.status.conditions!.find(({ type }) => type === "ScalingActive")!.message).toBe(`the HPA was unable to compute the replica count: failed to get cpu utilization: ${error}`);
  expect(decision.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    `FailedGetResourceMetric: failed to get cpu utilization: ${error}`,
    `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: ${error}`,
  ]);
});

test("where one of two metrics fails, pods may become more and not fewer", () => {
  const spec = { metrics: [cpu, users] };
  const failure: Reading = { is: "unknown", error: "it is gone" };
  expect(look({ spec, replicas: 2, readings: [measured(1000, 1000), failure] }).replicas).toBe(4);
  expect(look({ spec, replicas: 2, readings: [measured(10, 10), failure], memory: { ...nothingRemembered, recommendations: [{ replicas: 1, at: 0 }] } }).replicas).toBeUndefined();
});

test("a request that is missing is told", () => {
  const [event] = look({ replicas: 1, pods: [aPod("p0", { readySince: 0, status: { startTime: at(0) }, spec: { containers: [{ name: "web", resources: {} }] as never } })], readings: [measured(1)] }).events;
  expect(event?.message).toBe("failed to get cpu utilization: missing request for cpu in container web of Pod p0");
});

test("what was scaled to nothing by hand is left alone", () => {
  expect(conditionsOf(look({ replicas: 0, readings: [measured()] }))["ScalingActive"]).toBe("False ScalingDisabled");
});
