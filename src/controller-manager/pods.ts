import type { Pod } from "#api/core/pod.ts";
import type { PodCondition } from "#api/generated/core-v1.ts";
import { parseTime } from "#machinery/time.ts";

/** Whether the pod has run to its end. */
export function isFinished({ status: { phase } }: Pod): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Whether the pod counts as one of its owner's: it neither ended nor is being deleted. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether the pod is being deleted and still runs. */
export function isTerminating(pod: Pod): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export function podCondition({ status }: Pod, type: string): PodCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** Milliseconds since 1970 at which the pod became ready; `undefined` where it is not, or does not say. */
export function readySince(pod: Pod): number | undefined {
  const condition = podCondition(pod, "Ready");
  return condition?.status === "True" ? parseTime(condition.lastTransitionTime ?? "") : undefined;
}

/** Milliseconds until the pod has been ready for long enough: 0 when it has, `undefined` while it is not ready. */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = readySince(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

/** Milliseconds until the next of these pods has been ready for long enough; `undefined` where time alone changes nothing. */
export function soonestAvailableIn(pods: readonly Pod[], minReadySeconds: number | undefined, now: number): number | undefined {
  if (!minReadySeconds) return undefined;
  const waits = pods.map((pod) => availableIn(pod, minReadySeconds, now)).filter((wait) => wait !== undefined && wait > 0) as number[];
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** How often the pod's containers have restarted: the most of any, sidecars apart. */
export function restarts({ spec, status }: Pod): { readonly containers: number; readonly sidecars: number } {
  const sidecars = new Set(spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name));
  const most = (counts: readonly number[]): number => counts.reduce((left, right) => Math.max(left, right), 0);
  return {
    containers: most((status.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    sidecars: most((status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)).map(({ restartCount }) => restartCount)),
  };
}
