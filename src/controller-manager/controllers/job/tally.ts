import { countIndexes, type IndexIntervals, readIndexIntervals, withIndexes } from "#api/batch/index-intervals.ts";
import type { Job } from "#api/batch/job.ts";
import type { Pod } from "#api/core/pod.ts";
import { isActive, isTerminating } from "../../pods.ts";
import { counts, failsIndex, hasFailed } from "./failures.ts";
import { countsByIndex, indexOf, isIndexed, isTracked } from "./tracking.ts";

/** What a job's pods come to, those that are not counted yet included. */
export interface Tally {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly succeeded: number;
  /** Failures that are limited. */
  readonly failed: number;
  /** Empty unless the job is indexed. */
  readonly succeededIndexes: IndexIntervals;
  /** Empty unless failures are counted by index. */
  readonly failedIndexes: IndexIntervals;
}

export function tallyOf(job: Job, pods: readonly Pod[]): Tally {
  const { status, spec: { completions = 0 } } = job;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const fresh = pods.filter((pod) => isTracked(pod) && (!isIndexed(job) || indexOf(pod, job) !== undefined));
  const freshSuccesses = fresh.filter((pod) => pod.status.phase === "Succeeded" && !succeeded.includes(pod.metadata.uid));
  const freshFailures = fresh.filter((pod) => hasFailed(pod, job) && !failed.includes(pod.metadata.uid) && counts(pod, job));
  const indexesOf = (some: readonly Pod[]): number[] => some.map((pod) => indexOf(pod, job) ?? 0);
  const succeededIndexes = isIndexed(job)
    ? withIndexes(readIndexIntervals(status.completedIndexes ?? "", completions), indexesOf(freshSuccesses)) : [];
  const failedIndexes = countsByIndex(job)
    ? withIndexes(readIndexIntervals(status.failedIndexes ?? "", completions), indexesOf(fresh.filter((pod) => failsIndex(pod, job)))) : [];
  return {
    pods, succeededIndexes, failedIndexes,
    active: pods.filter(isActive),
    terminating: pods.filter(isTerminating),
    succeeded: isIndexed(job) ? countIndexes(succeededIndexes) : (status.succeeded ?? 0) + succeeded.length + freshSuccesses.length,
    failed: (status.failed ?? 0) + failed.length + freshFailures.length,
  };
}
