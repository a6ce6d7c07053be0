import type { Job } from "#api/batch/job.ts";
import type { Pod } from "#api/core/pod.ts";
import { parseTime } from "#machinery/time.ts";
import { podCondition } from "../../pods.ts";
import { judge } from "./pod-failure-policy.ts";
import { countsByIndex, replacesOnlyFailed } from "./tracking.ts";

const firstDelayMilliseconds = 10_000;
const longestDelayMilliseconds = 600_000;

/** How often pods of this one's index failed before it; on its replacement, once more. */
const failureCountKey = "batch.kubernetes.io/job-index-failure-count";
const ignoredCountKey = "batch.kubernetes.io/job-index-ignored-failure-count";

/** A pod that is being deleted counts as failed, unless its job waits for what becomes of it. */
export function hasFailed(pod: Pod, job: Job): boolean {
  if (pod.status.phase === "Failed") return true;
  return !replacesOnlyFailed(job) && pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== "Succeeded";
}

/** Whether a failure of the pod is one of those that are limited. */
export function counts(pod: Pod, { spec: { podFailurePolicy } }: Job): boolean {
  return podFailurePolicy === undefined || judge(podFailurePolicy, pod).counts;
}

/** When the pod ended, in milliseconds since 1970, as nearly as can be told. */
export function finishedAt({ metadata, spec, status }: Pod): number {
  const sidecars = new Set(spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name));
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))];
  const times = statuses.map(({ state }) => parseTime(state?.terminated?.finishedAt ?? ""));
  if (times.length > 0 && times.every((time) => time !== undefined)) return Math.max(...times);
  const ready = podCondition({ status } as Pod, "Ready");
  const notReadySince = ready?.status === "False" ? parseTime(ready.lastTransitionTime ?? "") : undefined;
  const deletion = parseTime(metadata.deletionTimestamp ?? "");
  const deleted = deletion === undefined ? undefined : deletion - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return notReadySince ?? deleted ?? parseTime(metadata.creationTimestamp) ?? 0;
}

/** Milliseconds to wait before pods are made again: from 10 s, doubled with each failure since the last success, to 10 min. */
export function backOff(job: Job, pods: readonly Pod[], now: number): number {
  const succeeded = pods.filter(({ status }) => status.phase === "Succeeded").map(finishedAt);
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...succeeded);
  const failures = pods.filter((pod) => hasFailed(pod, job)).map(finishedAt).filter((time) => time > lastSuccess);
  return remaining(failures.length, Math.max(...failures), now);
}

/** The same for one index, whose last pod knows how many failed before it. */
export function backOffOfIndex(lastFailed: Pod | undefined, now: number): number {
  return lastFailed === undefined ? 0 : remaining(failuresBefore(lastFailed) + 1, finishedAt(lastFailed), now);
}

function remaining(failures: number, lastFailure: number, now: number): number {
  if (failures === 0) return 0;
  const delay = Math.min(firstDelayMilliseconds * 2 ** Math.min(failures - 1, 30), longestDelayMilliseconds);
  return Math.max(0, lastFailure + delay - now);
}

/** All failures of the index before this pod, those that do not count included. */
export function failuresBefore(pod: Pod): number {
  return numberAt(pod, failureCountKey) + numberAt(pod, ignoredCountKey);
}

/** Whether the pod's failure is its index's last one. */
export function failsIndex(pod: Pod, job: Job): boolean {
  if (!countsByIndex(job) || !hasFailed(pod, job)) return false;
  const { podFailurePolicy, backoffLimitPerIndex = 0 } = job.spec;
  const verdict = podFailurePolicy && judge(podFailurePolicy, pod);
  if (verdict?.action === "FailIndex") return true;
  return verdict?.counts !== false && numberAt(pod, failureCountKey) >= backoffLimitPerIndex;
}

/** What a new pod of an index is told of those before it. @param replaced the failed pod whose place it takes */
export function failureAnnotations(replaced: Pod | undefined, job: Job): { readonly [key: string]: string } {
  const [counted, ignored] = replaced === undefined ? [0, 0] : [numberAt(replaced, failureCountKey), numberAt(replaced, ignoredCountKey)];
  const isCounted = replaced !== undefined && counts(replaced, job);
  const nowIgnored = ignored + Number(replaced !== undefined && !isCounted);
  return {
    [failureCountKey]: String(counted + Number(isCounted)),
    ...(nowIgnored > 0 ? { [ignoredCountKey]: String(nowIgnored) } : {}),
  };
}

function numberAt({ metadata }: Pod, key: string): number {
  const text = metadata.annotations?.[key] ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
