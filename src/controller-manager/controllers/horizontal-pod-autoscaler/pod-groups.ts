import type { Pod } from "#api/core/pod.ts";
import { parseTime } from "#machinery/time.ts";
import { podCondition } from "../../pods.ts";
import type { PodValue, PodValues } from "./world.ts";

/** Processor use of a pod that has just started is not that of its work. */
const initializationMilliseconds = 300_000;
/** A pod that became unready within so long of its start has never been ready. */
const initialReadinessMilliseconds = 30_000;

export interface PodGroups {
  /** How many pods work and are measured. */
  readonly ready: number;
  /** Names of pods that do not work yet: they count as doing nothing where more are wanted. */
  readonly unready: readonly string[];
  /** Names of pods that should be measured and are not. */
  readonly missing: readonly string[];
  /** The values that count. */
  readonly values: Map<string, number>;
}

/** @param resource "" where the metric is none */
export function groupPods(pods: readonly Pod[], values: PodValues, resource: string, now: number): PodGroups {
  const unready: string[] = [];
  const missing: string[] = [];
  const counted = new Map([...values].map(([name, { value }]) => [name, value]));
  let ready = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const value = values.get(name);
    if (deletionTimestamp !== undefined || pod.status.phase === "Failed") counted.delete(name);
    else if (pod.status.phase === "Pending") unready.push(name);
    else if (value === undefined) missing.push(name);
    else if (resource === "cpu" && isStarting(pod, value, now)) unready.push(name);
    else ready++;
  }
  for (const name of unready) counted.delete(name);
  return { ready, unready, missing, values: counted };
}

function isStarting(pod: Pod, { at, window }: PodValue, now: number): boolean {
  const condition = podCondition(pod, "Ready");
  const start = parseTime(pod.status.startTime ?? "");
  if (condition === undefined || start === undefined) return true;
  const since = parseTime(condition.lastTransitionTime ?? "") ?? 0;
  if (start + initializationMilliseconds > now) return condition.status === "False" || at < since + window;
  return condition.status === "False" && start + initialReadinessMilliseconds > since;
}
