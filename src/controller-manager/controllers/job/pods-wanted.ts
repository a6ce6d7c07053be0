import { hasIndex, type IndexIntervals, missingIndexes, union, withIndexes } from "#api/batch/index-intervals.ts";
import type { Job } from "#api/batch/job.ts";
import type { Pod } from "#api/core/pod.ts";
import { groupBy } from "../../group-by.ts";
import type { Write } from "../../controller.ts";
import { deletionOrder } from "../../replicas/deletion-order.ts";
import { backOff, backOffOfIndex, failureAnnotations, failuresBefore, finishedAt, hasFailed } from "./failures.ts";
import { creation } from "./new-pod.ts";
import type { Tally } from "./tally.ts";
import { countsByIndex, indexOf, isIndexed, replacesOnlyFailed } from "./tracking.ts";

/** So many pods are made or deleted before the job is looked at anew. */
const burst = 500;

/** What brings a job's pods closer to what is wanted: some to delete, or else some to make. */
export interface PodChanges {
  readonly deleted: readonly Pod[];
  readonly creations: readonly Write[];
  /** Pods are to be made, but not before so long. */
  readonly waitMilliseconds?: number;
}

const none: PodChanges = { deleted: [], creations: [] };

export function podChanges(job: Job, tally: Tally, now: number): PodChanges {
  const { active } = tally;
  if (job.metadata.deletionTimestamp !== undefined) return none;
  if (job.spec.suspend) return { ...none, deleted: active.slice(0, burst) };
  const wanted = wantedActive(job, tally);
  const deleted = surplus(job, active, active.length - wanted, now);
  if (deleted.length > 0) return { ...none, deleted: deleted.slice(0, burst) };
  const leaving = replacesOnlyFailed(job) ? tally.terminating.length : 0;
  const missing = Math.min(wanted - leaving - active.length, burst);
  if (missing <= 0) return none;
  if (countsByIndex(job)) return creationsByIndex(job, tally, missing, now);
  const wait = backOff(job, tally.pods, now);
  if (wait > 0) return { ...none, waitMilliseconds: wait };
  if (!isIndexed(job)) return { ...none, creations: Array.from({ length: missing }, () => creation(job)) };
  return { ...none, creations: pendingIndexes(job, tally, missing).map((index) => creation(job, index)) };
}

/** The last failed pod of each index whose place is still empty: it stays until its successor knows how often the index has failed. */
export function awaitingSuccessor(job: Job, { pods, active, succeededIndexes, failedIndexes }: Tally): ReadonlyMap<number, Pod> {
  const taken = new Set(active.map((pod) => indexOf(pod, job)));
  const last = new Map<number, Pod>();
  if (!countsByIndex(job)) return last;
  for (const pod of pods) {
    const index = indexOf(pod, job);
    if (index === undefined || !hasFailed(pod, job) || taken.has(index)) continue;
    if (hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index)) continue;
    const other = last.get(index);
    if (other === undefined || isLater(pod, other)) last.set(index, pod);
  }
  return last;
}

function isLater(pod: Pod, other: Pod): boolean {
  return failuresBefore(pod) > failuresBefore(other) || (failuresBefore(pod) === failuresBefore(other) && finishedAt(pod) > finishedAt(other));
}

function wantedActive({ spec: { completions, parallelism } }: Job, { active, succeeded, failedIndexes }: Tally): number {
  // Without a number of completions, the first success is the sign that the others are about to end as well.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  const failed = failedIndexes.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return Math.max(0, Math.min(completions - succeeded - failed, parallelism));
}

/** Pods to delete: of an indexed job all that have no index, and all but one of each; then as many as there are too many. */
function surplus(job: Job, active: readonly Pod[], excess: number, now: number): readonly Pod[] {
  if (!isIndexed(job)) return excess > 0 ? deletionOrder(active, [], now).slice(0, excess) : [];
  const byIndex = groupBy(active, (pod) => indexOf(pod, job));
  const twins = [...byIndex].flatMap(([index, pods]) => (index === undefined ? pods : deletionOrder(pods, [], now).slice(0, -1)));
  if (twins.length >= excess) return twins;
  const others = active.filter((pod) => !twins.includes(pod));
  return [...twins, ...deletionOrder(others, [], now).slice(0, excess - twins.length)];
}

function pendingIndexes(job: Job, { active, terminating, succeededIndexes, failedIndexes }: Tally, most: number): number[] {
  const present = replacesOnlyFailed(job) ? [...active, ...terminating] : active;
  const taken = present.map((pod) => indexOf(pod, job)).filter((index) => index !== undefined);
  const settled: IndexIntervals = withIndexes(union(succeededIndexes, failedIndexes), taken);
  return missingIndexes(settled, job.spec.completions ?? 0, most);
}

function creationsByIndex(job: Job, tally: Tally, most: number, now: number): PodChanges {
  const failed = awaitingSuccessor(job, tally);
  const pending = pendingIndexes(job, tally, most)
    .map((index) => ({ index, replaced: failed.get(index), wait: backOffOfIndex(failed.get(index), now) }));
  const due = pending.filter(({ wait }) => wait === 0);
  if (due.length === 0 && pending.length > 0) return { ...none, waitMilliseconds: Math.min(...pending.map(({ wait }) => wait)) };
  return { ...none, creations: due.map(({ index, replaced }) => creation(job, index, failureAnnotations(replaced, job))) };
}
