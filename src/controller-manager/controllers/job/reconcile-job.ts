import { isJobFinished, jobIs } from "#api/batch/conditions.ts";
import { Job } from "#api/batch/job.ts";
import { Pod } from "#api/core/pod.ts";
import type { JobStatus } from "#api/generated/batch-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import { formatTime } from "#machinery/time.ts";
import { claim } from "../../claims.ts";
import { type Caches, type Controller, type EventWish, type Outcome, withoutOwner, type Write } from "../../controller.ts";
import { isReady } from "../../pods.ts";
import { allow } from "../../rules.ts";
import { controlledBy, keyOf } from "../../runtime.ts";
import { selectorOf } from "../../selectors.ts";
import { updateStatus } from "../../writes.ts";
import { account } from "./accounting.ts";
import { withCondition } from "./conditions.ts";
import { completion, type End, endOf, untilDeadline } from "./end.ts";
import { type PodChanges, podChanges } from "./pods-wanted.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { releases, trackingFinalizer } from "./tracking.ts";

const thisController = "kubernetes.io/job-controller";

interface World {
  /** Pods of this job and pods of no owner, in its namespace. */
  readonly candidates: readonly Pod[];
}

/** Runs pods until enough of them have succeeded (API reference: batch/v1 Job). */
export const jobController: Controller<Job, World> = {
  name: "job-controller",
  permissions: [
    allow("get list watch update patch", "batch", "jobs"),
    allow("update", "batch", "jobs/status jobs/finalizers"),
    allow("list watch create delete patch", "", "pods"),
  ],
  kind: Job,
  watches: [{ kind: Pod, keys: jobsOfPod }],
  observe: ({ metadata: { namespace, uid } }, caches) => {
    const pods = caches.of(Pod);
    return { candidates: [...pods.byIndex("owner", uid), ...pods.byIndex("owner", withoutOwner(namespace))] };
  },
  reconcile,
};

/** The pod's job; for a pod that nobody owns, every job that might adopt it. */
function jobsOfPod(pod: KubeObject, caches: Caches): string[] {
  if (controllerOf(pod)) return controlledBy(Job)(pod);
  return caches.of(Job).inNamespace(pod.metadata.namespace)
    .filter((candidate) => selects(candidate, pod))
    .map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function selects({ spec: { selector } }: Job, { metadata }: KubeObject): boolean {
  return selector !== undefined && selectorOf(selector).matches(metadata.labels);
}

function reconcile(current: Job, { candidates }: World, now: number): Outcome {
  if (isElsewhere(current) || isJobFinished(current)) return {};
  const { owned, writes: claims } = claim(current, (pod) => selects(current, pod), Pod, candidates, trackingFinalizer);
  const begun = { ...current, status: withStart(current.status, current, now) };
  const tally = tallyOf(begun, owned);
  const early = endOf(begun, tally, now);
  const changes: PodChanges = early ? { deleted: tally.active, creations: [] } : podChanges(current, tally, now);
  const left = tally.active.filter((pod) => !changes.deleted.includes(pod));
  const end = early ?? completion(current, tally.succeeded, left.length);
  const status = present(end ? said(begun.status, end, now) : suspension(begun.status, current, now), tally, left, early);
  const { noted, released, counted, isPartial } = account(current, tally, status, end);
  const final = end && !isPartial && isOver(counted) ? enacted(counted, end, now) : counted;
  const deletions = deletionsOf(changes.deleted);
  return {
    // Of a job that comes to its end, pods are deleted before they are counted; a surplus of one that goes on is not counted at all.
    writes: [
      ...claims, ...(early ? [deletions] : []), ...statusWrites(current, current.status, noted), releases(released),
      ...statusWrites(current, noted, final), ...(early ? [] : [releases(changes.deleted), deletions]), changes.creations,
    ],
    events: eventsOf(current, final, end),
    ...requeue(begun, end, changes, now),
  };
}

function isElsewhere({ spec: { managedBy } }: Job): boolean {
  return managedBy !== undefined && managedBy !== thisController;
}

function withStart(status: JobStatus, { spec: { suspend } }: Job, now: number): JobStatus {
  const isResumed = !suspend && jobIs({ status }, "Suspended");
  if (suspend || (status.startTime !== undefined && !isResumed)) return status;
  // A job that goes on after it was suspended has all of its time again.
  return { ...status, startTime: formatTime(now) };
}

function suspension(status: JobStatus, { spec: { suspend }, metadata }: Job, now: number): JobStatus {
  if (metadata.deletionTimestamp !== undefined) return status;
  return withCondition(status, suspend
    ? { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" }
    : { type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" }, now);
}

/** How the job will end is said before it is enacted. */
function said(status: JobStatus, { succeeds, reason, message }: End, now: number): JobStatus {
  return withCondition(status, { type: succeeds ? "SuccessCriteriaMet" : "FailureTarget", status: "True", reason, message }, now);
}

function enacted(status: JobStatus, { succeeds, reason, message }: End, now: number): JobStatus {
  const ended = withCondition(status, { type: succeeds ? "Complete" : "Failed", status: "True", reason, message }, now);
  return succeeds ? { ...ended, completionTime: formatTime(now) } : ended;
}

function isOver({ active = 0, terminating = 0, uncountedTerminatedPods: uncounted = {} }: JobStatus): boolean {
  return active + terminating + (uncounted.succeeded ?? []).length + (uncounted.failed ?? []).length === 0;
}

/** @param left active pods that stay */
function present(status: JobStatus, { terminating, active }: Tally, left: readonly Pod[], early: End | undefined): JobStatus {
  const leaving = early ? active.length : 0;
  return { ...status, active: left.length, ready: left.filter(isReady).length, terminating: terminating.length + leaving };
}

function deletionsOf(pods: readonly Pod[]): readonly Write[] {
  return pods.map(({ metadata: { namespace, name, uid } }) => ({
    do: "delete", kind: Pod, namespace, name, options: { preconditions: { uid } },
    deleted: { reason: "SuccessfulDelete", message: () => `Deleted pod: ${name}` },
    failed: { reason: "FailedDelete", message: (error) => `Error deleting: ${error}` },
  }));
}

/** A counter of 0 and an absent one say the same. */
function statusWrites(current: Job, before: JobStatus, status: JobStatus): Write[] {
  const zero = { active: 0, succeeded: 0, failed: 0 };
  return semanticallyEqual({ ...zero, ...before }, { ...zero, ...status }) ? [] : [updateStatus(Job, { ...current, status })];
}

function eventsOf(before: Job, status: JobStatus, end: End | undefined): EventWish[] {
  const after = { status };
  if (end && isJobFinished(after)) {
    const { completions } = before.spec;
    const tooMany: EventWish[] = completions !== undefined && (status.succeeded ?? 0) > completions
      ? [{ type: "Warning", reason: "TooManySucceededPods", message: "Too many succeeded pods running after completion count reached" }] : [];
    if (!end.succeeds) return [{ type: "Warning", reason: end.reason, message: end.message }];
    return [...tooMany, { type: "Normal", reason: "Completed", message: "Job completed" }];
  }
  if (jobIs(before, "Suspended") === jobIs(after, "Suspended")) return [];
  return [jobIs(after, "Suspended")
    ? { type: "Normal", reason: "Suspended", message: "Job suspended" } : { type: "Normal", reason: "Resumed", message: "Job resumed" }];
}

function requeue(current: Job, end: End | undefined, { waitMilliseconds }: PodChanges, now: number): Pick<Outcome, "requeueAfterMilliseconds"> {
  const waits = [waitMilliseconds, end ? undefined : untilDeadline(current, now)].filter((wait) => wait !== undefined && wait > 0);
  return waits.length === 0 ? {} : { requeueAfterMilliseconds: Math.min(...(waits as number[])) };
}
