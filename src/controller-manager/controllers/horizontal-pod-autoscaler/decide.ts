import type { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import type { HorizontalPodAutoscalerCondition, MetricStatus } from "#api/generated/autoscaling-v2.ts";
import { formatTime } from "#machinery/time.ts";
import type { EventWish } from "../../controller.ts";
import { limited, stabilized } from "./limits.ts";
import { type Memory, withRecommendation } from "./memory.ts";
import { proposalOf, tolerancesOf } from "./metric-proposal.ts";
import type { World } from "./world.ts";

type Status = HorizontalPodAutoscaler["status"];
type Conditions = readonly HorizontalPodAutoscalerCondition[];

export interface Decision {
  /** How many pods the target should have; `undefined`: as many as it has. */
  readonly replicas?: number;
  /** Why, in words for people. */
  readonly reason: string;
  /** As it is if the target is left as it is. */
  readonly status: Status;
  readonly events: readonly EventWish[];
  readonly memory: Memory;
}

/** How many pods the target of an autoscaler should have (Kubernetes "Horizontal Pod Autoscaling"). Pure. */
export function decide(autoscaler: HorizontalPodAutoscaler, world: World, remembered: Memory, now: number): Decision {
  const { minReplicas, maxReplicas } = autoscaler.spec;
  const current = world.scale.replicas;
  const memory = remembered.recommendations.length === 0 ? withRecommendation(remembered, current, now) : remembered;
  const gotScale = "the HPA controller was able to get the target's current scale";
  const got = withCondition(autoscaler.status.conditions, "AbleToScale", true, "SucceededGetScale", gotScale, now);
  const plain = (reason: string, replicas: number, conditions: Conditions): Decision => ({
    ...(replicas === current ? {} : { replicas }), reason, status: statusOf(autoscaler, current, current, [], conditions), events: [], memory,
  });
  if (current === 0 && minReplicas !== 0) {
    const disabled = "scaling is disabled since the replica count of the target is zero";
    return plain("", 0, withCondition(got, "ScalingActive", false, "ScalingDisabled", disabled, now));
  }
  if (current > maxReplicas) return plain("Current number of replicas above Spec.MaxReplicas", maxReplicas, got);
  if (current < minReplicas) return plain("Current number of replicas below Spec.MinReplicas", minReplicas, got);
  return byMetrics(autoscaler, world, got, memory, now);
}

function byMetrics(autoscaler: HorizontalPodAutoscaler, world: World, got: Conditions, memory: Memory, now: number): Decision {
  const { metrics = [] } = autoscaler.spec;
  const { replicas: current } = world.scale;
  const tolerances = tolerancesOf(autoscaler);
  const proposals = metrics.map((metric, index) =>
    proposalOf(metric, world.readings[index] ?? { is: "unknown", error: "it was not read" }, world.pods, world.scale, tolerances, now));
  const valid = proposals.flatMap((one) => ("failed" in one ? [] : [one]));
  const failures = proposals.flatMap((one) => ("failed" in one ? [one.failed] : []));
  const most = valid.toSorted((left, right) => right.replicas - left.replicas)[0];
  const events: EventWish[] = failures.map(({ reason, message }) => ({ type: "Warning", reason, message }));
  const [first] = failures;
  // Where not all metrics can be told, fewer pods might be too few.
  if (first && (most === undefined || most.replicas < current)) {
    const error = `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.context}${first.message}`;
    const problem = `the HPA was unable to compute the replica count: ${first.message}`;
    const conditions = withCondition(got, "ScalingActive", false, first.reason, problem, now);
    const { desiredReplicas, currentMetrics = [] } = autoscaler.status;
    return {
      reason: "", status: statusOf(autoscaler, current, desiredReplicas, currentMetrics, conditions), memory,
      events: [...events, { type: "Warning", reason: "FailedComputeMetricsReplicas", message: error }],
    };
  }
  const name = most?.name ?? "";
  const found = `the HPA was able to successfully calculate a replica count from ${name}`;
  const active = withCondition(got, "ScalingActive", true, "ValidMetricFound", found, now);
  const wish = most?.replicas ?? current;
  const stable = stabilized(autoscaler, current, wish, memory, now);
  const next = limited(autoscaler, current, stable.replicas, memory, now);
  const able = withCondition(active, "AbleToScale", true, stable.reason, stable.message, now);
  const conditions = withCondition(able, "ScalingLimited", next.replicas !== stable.replicas, next.reason, next.message, now);
  return {
    ...(next.replicas === current ? {} : { replicas: next.replicas }),
    reason: wish > current ? `${name} above target` : "All metrics below target",
    status: statusOf(autoscaler, current, current, valid.map(({ status }) => status), conditions),
    events, memory: withRecommendation(memory, wish, now),
  };
}

function statusOf(
  { status: { lastScaleTime } }: HorizontalPodAutoscaler, current: number, desired: number, metrics: readonly MetricStatus[], conditions: Conditions,
): Status {
  return {
    currentReplicas: current, desiredReplicas: desired, conditions,
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }), ...(metrics.length === 0 ? {} : { currentMetrics: metrics }),
  };
}

export function withCondition(
  conditions: Conditions | undefined, type: string, holds: boolean, reason: string, message: string, now: number,
): Conditions {
  const status = holds ? "True" : "False";
  const old = conditions?.find((condition) => condition.type === type);
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? formatTime(now)) : formatTime(now);
  const condition = { type, status, reason, message, lastTransitionTime };
  if (old === undefined) return [...(conditions ?? []), condition];
  return (conditions ?? []).map((one) => (one === old ? condition : one));
}
