import { isJobFinished } from "#api/batch/conditions.ts";
import { Job } from "#api/batch/job.ts";
import { parseTime } from "#machinery/time.ts";
import type { Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController } from "../runtime.ts";

/** Deletes jobs some time after their end, where they say so (API reference: batch/v1 Job, ttlSecondsAfterFinished). */
export const ttlAfterFinishedController: Controller<Job, undefined> = {
  name: "ttl-after-finished-controller",
  permissions: [allow("get list watch delete", "batch", "jobs")],
  kind: Job,
  observe: () => undefined,
  reconcile,
};

export const ttlAfterFinished = defineController(ttlAfterFinishedController);

function reconcile(job: Job, _world: undefined, now: number): Outcome {
  const { metadata: { namespace, name, uid, deletionTimestamp }, spec: { ttlSecondsAfterFinished: seconds } } = job;
  if (seconds === undefined || deletionTimestamp !== undefined || !isJobFinished(job)) return {};
  const left = finishedAt(job, now) + seconds * 1000 - now;
  if (left > 0) return { requeueAfterMilliseconds: left };
  const options = { propagationPolicy: "Foreground", preconditions: { uid } } as const;
  return { writes: [{ do: "delete", kind: Job, namespace, name, options }] };
}

function finishedAt({ status }: Job, now: number): number {
  const end = status.conditions?.find(({ type, status: is }) => (type === "Complete" || type === "Failed") && is === "True");
  return parseTime(end?.lastTransitionTime ?? "") ?? now;
}
