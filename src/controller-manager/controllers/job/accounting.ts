import { formatIndexIntervals } from "#api/batch/index-intervals.ts";
import type { Job } from "#api/batch/job.ts";
import type { Pod } from "#api/core/pod.ts";
import type { JobStatus } from "#api/generated/batch-v1.ts";
import type { End } from "./end.ts";
import { counts, hasFailed } from "./failures.ts";
import { awaitingSuccessor } from "./pods-wanted.ts";
import type { Tally } from "./tally.ts";
import { countsByIndex, indexOf, isIndexed, isTracked } from "./tracking.ts";

/** At most so many pods are noted as uncounted at a time, so that the status stays small. */
const mostUncounted = 500;

/**
 * Pods are counted in three steps, each of which may be repeated: their uids are noted in the status, their finalizers are taken away, and
 * the uids become counts. Whatever happens in between, none is lost or counted twice (KEP-2307).
 */
export interface Accounts {
  /** With the uids of pods that have ended. */
  readonly noted: JobStatus;
  /** Pods that may go. */
  readonly released: readonly Pod[];
  /** When these have gone. */
  readonly counted: JobStatus;
  /** Whether some have to wait for the next time. */
  readonly isPartial: boolean;
}

/** @param status with all but counts of pods that ended */
export function account(job: Job, tally: Tally, status: JobStatus, end: End | undefined): Accounts {
  const tracked = new Set(tally.pods.filter(isTracked).map(({ metadata }) => metadata.uid));
  const before = counting({ ...status, ...indexesOf(job, tally) }, job, tracked);
  const { succeeded = [], failed = [] } = before.uncountedTerminatedPods ?? {};
  const [successes, failures] = [[...succeeded], [...failed]];
  const released: Pod[] = [];
  const waiting = awaitingSuccessor(job, tally);
  for (const pod of tally.pods) {
    if (!tracked.has(pod.metadata.uid) || !mayGo(pod, job, end, waiting)) continue;
    if (successes.length + failures.length >= mostUncounted || released.length >= mostUncounted) break;
    released.push(pod);
    note(pod, job, end, successes, failures);
  }
  const noted = withUncounted(before, successes, failures);
  for (const { metadata } of released) tracked.delete(metadata.uid);
  const left = tally.pods.some((pod) => tracked.has(pod.metadata.uid) && mayGo(pod, job, end, waiting));
  return { noted, released, counted: counting(noted, job, tracked), isPartial: left };
}

function mayGo(pod: Pod, job: Job, end: End | undefined, waiting: ReadonlyMap<number, Pod>): boolean {
  if (job.metadata.deletionTimestamp !== undefined || end !== undefined || pod.status.phase === "Succeeded") return true;
  if (!hasFailed(pod, job)) return false;
  return waiting.get(indexOf(pod, job) ?? -1)?.metadata.uid !== pod.metadata.uid;
}

/** When the job fails, every pod that is still there has failed with it. */
function note(pod: Pod, job: Job, end: End | undefined, successes: string[], failures: string[]): void {
  const { uid } = pod.metadata;
  if (pod.status.phase === "Succeeded" && !failures.includes(uid)) {
    // An index that succeeded is known by itself.
    if (!isIndexed(job) && !successes.includes(uid)) successes.push(uid);
    return;
  }
  const isFailure = hasFailed(pod, job) || end?.succeeds === false;
  const isOwn = !isIndexed(job) || indexOf(pod, job) !== undefined;
  if (isFailure && isOwn && counts(pod, job) && !failures.includes(uid)) failures.push(uid);
}

/** Uids of pods that are not tracked any more become counts. */
function counting(status: JobStatus, job: Job, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const remains = (uid: string): boolean => tracked.has(uid);
  const [successes, failures] = [succeeded.filter(remains), failed.filter(remains)];
  const counted = isIndexed(job) ? {} : { succeeded: (status.succeeded ?? 0) + succeeded.length - successes.length };
  return withUncounted({ ...status, ...counted, failed: (status.failed ?? 0) + failed.length - failures.length }, successes, failures);
}

function withUncounted(status: JobStatus, succeeded: readonly string[], failed: readonly string[]): JobStatus {
  const lists = { ...(succeeded.length === 0 ? {} : { succeeded }), ...(failed.length === 0 ? {} : { failed }) };
  return { ...status, uncountedTerminatedPods: lists };
}

function indexesOf(job: Job, { succeeded, succeededIndexes, failedIndexes }: Tally): Partial<JobStatus> {
  if (!isIndexed(job)) return {};
  return {
    succeeded, completedIndexes: formatIndexIntervals(succeededIndexes),
    ...(countsByIndex(job) ? { failedIndexes: formatIndexIntervals(failedIndexes) } : {}),
  };
}
