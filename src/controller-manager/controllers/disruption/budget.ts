import { semanticallyEqual } from "#machinery/equality.ts";
import type { Pod } from "#api/core/pod.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import type { Condition } from "#api/generated/meta-v1.ts";
import { formatTime, parseTime } from "#machinery/time.ts";
import type { EventWish, Outcome, Write } from "../../controller.ts";
import { scaledValue } from "../../int-or-percent.ts";
import { isReady } from "../../pods.ts";
import { updateStatus } from "../../writes.ts";

/** A pod that is said to go has so long until it is taken for staying. */
const deletionMilliseconds = 120_000;

/** How many pods there should be, by whoever looks after them. */
export interface Expected {
  readonly count: number;
  /** Names of pods that nobody looks after. */
  readonly unmanaged: readonly string[];
  /** Why it cannot be told. */
  readonly problem?: string;
}

export interface World {
  readonly pods: readonly Pod[];
  readonly expected: Expected;
}

type Budget = PodDisruptionBudget;
type Status = Budget["status"];

export function reconcileBudget(budget: Budget, { pods, expected }: World, now: number): Outcome {
  if (budget.metadata.deletionTimestamp !== undefined) return {};
  const events = noticesOf(budget, pods, expected);
  const scale = scaleOf(budget, pods, expected);
  if (scale === undefined) {
    const problem = expected.problem ?? "";
    return {
      writes: statusWrites(budget, withCondition({ ...budget.status, disruptionsAllowed: 0 }, budget, "SyncFailed", problem, now)),
      events: [...events, failure(`Failed to calculate the number of expected pods: ${problem}`)],
      requeueAfterMilliseconds: 1000,
    };
  }
  const { still, overdue, recheck } = disrupted(budget, pods, now);
  const stays = ({ metadata: { name, deletionTimestamp } }: Pod): boolean => deletionTimestamp === undefined && still[name] === undefined;
  const healthy = pods.filter((pod) => stays(pod) && isReady(pod)).length;
  const allowed = scale.expected <= 0 ? 0 : Math.max(0, healthy - scale.desired);
  const status: Status = {
    ...budget.status, disruptionsAllowed: allowed, currentHealthy: healthy, desiredHealthy: scale.desired, expectedPods: scale.expected,
    disruptedPods: still, observedGeneration: budget.metadata.generation,
  };
  const said = withCondition(status, budget, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now);
  return {
    writes: statusWrites(budget, said), events: [...events, ...overdue],
    ...(recheck === undefined ? {} : { requeueAfterMilliseconds: recheck }),
  };
}

function failure(message: string): EventWish {
  return { type: "Warning", reason: "CalculateExpectedPodCountFailed", message };
}

function noticesOf({ spec }: Budget, pods: readonly Pod[], { unmanaged }: Expected): EventWish[] {
  if (pods.length === 0) return [{ type: "Normal", reason: "NoPods", message: "No matching pods found" }];
  if (unmanaged.length === 0 || typeof spec.minAvailable === "number") return [];
  const selector = JSON.stringify(spec.selector ?? {});
  const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the `
    + "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set "
    + '".spec.minAvailable" field of the PDB to an integer value.';
  return [{ type: "Warning", reason: "UnmanagedPods", message }];
}

interface Scale {
  /** How many pods count. */
  readonly expected: number;
  /** How many of them must stay. */
  readonly desired: number;
}

/** `undefined` where it is not known how many pods count, and needed. */
function scaleOf({ spec }: Budget, pods: readonly Pod[], { count, problem }: Expected): Scale | undefined {
  const { minAvailable, maxUnavailable } = spec;
  if (typeof minAvailable === "number") return { expected: pods.length, desired: minAvailable };
  if (minAvailable === undefined && maxUnavailable === undefined) return { expected: 0, desired: 0 };
  if (problem !== undefined) return undefined;
  if (maxUnavailable === undefined) return { expected: count, desired: scaledValue(minAvailable, count, "up") };
  return { expected: count, desired: Math.max(0, count - scaledValue(maxUnavailable, count, "up")) };
}

/** Pods whose eviction was granted and that are still there; those that should have gone long ago are told. */
function disrupted({ metadata, status }: Budget, pods: readonly Pod[], now: number) {
  const still: { [name: string]: string } = {};
  const overdue: EventWish[] = [];
  let recheck: number | undefined;
  for (const pod of pods) {
    const since = status.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const left = (parseTime(since) ?? 0) + deletionMilliseconds - now;
    if (left > 0) {
      still[pod.metadata.name] = since;
      recheck = Math.min(recheck ?? left, left);
    } else {
      const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
      overdue.push({ about: pod, type: "Warning", reason: "NotDeleted", message });
    }
  }
  return { still, overdue, recheck };
}

function withCondition(status: Status, { metadata }: Budget, reason: string, message: string, now: number): Status {
  const old = status.conditions?.find(({ type }) => type === "DisruptionAllowed");
  const is = reason === "SufficientPods" ? "True" : "False";
  const condition: Condition = {
    type: "DisruptionAllowed", status: is, reason, message, observedGeneration: metadata.generation,
    lastTransitionTime: old?.status === is ? old.lastTransitionTime : formatTime(now),
  };
  return { ...status, conditions: [...(status.conditions ?? []).filter((one) => one !== old), condition] };
}

function statusWrites(budget: Budget, status: Status): Write[] {
  return semanticallyEqual(budget.status, status) ? [] : [updateStatus(PodDisruptionBudget, { ...budget, status })];
}
