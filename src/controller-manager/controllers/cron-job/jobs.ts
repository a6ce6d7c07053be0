import { isJobFinished, jobCondition, jobIs } from "#api/batch/conditions.ts";
import type { CronJob } from "#api/batch/cron-job.ts";
import { Job } from "#api/batch/job.ts";
import type { ObjectReference } from "#api/generated/core-v1.ts";
import type { New } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import { formatTime, parseTime } from "#machinery/time.ts";
import type { TimeZone } from "#machinery/time-zone.ts";
import type { Write } from "../../controller.ts";

/** For which time of the timetable a job was started. */
export const scheduledKey = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** The name tells the time in minutes, so that no time is ever served twice. */
export function jobName({ metadata }: CronJob, time: number): string {
  return `${metadata.name}-${Math.floor(time / 60_000)}`;
}

/** @param time of the timetable, in milliseconds since 1970 */
export function jobFor(cronJob: CronJob, time: number, zone: TimeZone): New<Job> {
  const { apiVersion, kind, metadata, spec: { jobTemplate } } = cronJob;
  const { labels, annotations } = jobTemplate.metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(cronJob, time), namespace: metadata.namespace, labels, annotations: { ...annotations, [scheduledKey]: localTime(time, zone) },
      ownerReferences: [controllerReference({ metadata }, apiVersion, kind)],
    },
    spec: jobTemplate.spec,
  };
}

/** RFC 3339 with the zone's offset. */
function localTime(time: number, zone: TimeZone): string {
  const offset = zone.offsetAt(time);
  if (offset === 0) return formatTime(time);
  const minutes = Math.abs(offset) / 60_000;
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${formatTime(time + offset).slice(0, -1)}${offset < 0 ? "-" : "+"}${digits(minutes / 60)}:${digits(minutes % 60)}`;
}

export function referenceTo({ metadata: { namespace, name, uid, resourceVersion } }: Job): ObjectReference {
  return { kind: "Job", namespace, name, uid, apiVersion: "batch/v1", resourceVersion };
}

export function deletion({ metadata: { namespace, name, uid } }: Job): Write {
  return {
    do: "delete", kind: Job, namespace, name, options: { propagationPolicy: "Background", preconditions: { uid } },
    deleted: { reason: "SuccessfulDelete", message: () => `Deleted job ${name}` },
    failed: { reason: "FailedDelete", message: (error) => `Deleted job: ${error}` },
  };
}

/** The oldest jobs of those that have ended, as far as there are more than are to be kept. */
export function beyondHistory({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const oldest = (some: readonly Job[], kept: number): readonly Job[] => some.toSorted(byStart).slice(0, Math.max(0, some.length - kept));
  const ended = jobs.filter((job) => isJobFinished(job) && job.metadata.deletionTimestamp === undefined);
  return [
    ...oldest(ended.filter((job) => jobIs(job, "Complete")), spec.successfulJobsHistoryLimit),
    ...oldest(ended.filter((job) => !jobIs(job, "Complete")), spec.failedJobsHistoryLimit),
  ];
}

function byStart(left: Job, right: Job): number {
  const startOf = ({ status: { startTime } }: Job): number => parseTime(startTime ?? "") ?? Number.POSITIVE_INFINITY;
  const [a, b] = [startOf(left), startOf(right)];
  return a === b ? (left.metadata.name < right.metadata.name ? -1 : 1) : a - b;
}

/** `Complete` or `Failed`. */
export function endOf(job: Job): string {
  return (jobCondition(job, "Complete") ?? jobCondition(job, "Failed"))?.type ?? "";
}
