import { isJobFinished, jobIs } from "#api/batch/conditions.ts";
import { CronJob } from "#api/batch/cron-job.ts";
import { Job } from "#api/batch/job.ts";
import type { CronJobStatus } from "#api/generated/batch-v1.ts";
import type { ObjectReference } from "#api/generated/core-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { formatTime } from "#machinery/time.ts";
import type { Controller, EventWish, Outcome, Write } from "../controller.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController } from "../runtime.ts";
import { updateStatus } from "../writes.ts";
import { beyondHistory, deletion, endOf, jobFor, jobName, referenceTo, scheduledKey } from "./cron-job/jobs.ts";
import { type Fault, missedTimes, type Timetable, timetableOf, untilNext } from "./cron-job/schedule.ts";

/** From so many missed starts on, an event says that something is wrong with the clock or the timetable. */
const manyMissed = 100;

interface World {
  readonly jobs: readonly Job[];
}

/** Starts jobs by a timetable (API reference: batch/v1 CronJob). */
export const cronJobController: Controller<CronJob, World> = {
  name: "cronjob-controller",
  permissions: [
    allow("get list watch update", "batch", "cronjobs"),
    allow("get list watch create update delete patch", "batch", "jobs"),
    allow("update", "batch", "cronjobs/status cronjobs/finalizers"),
  ],
  kind: CronJob,
  watches: [{ kind: Job, keys: controlledBy(CronJob) }],
  observe: ({ metadata: { uid } }, caches) => ({ jobs: caches.of(Job).byIndex("owner", uid) }),
  reconcile,
};

export const cronJob = defineController(cronJobController);

function reconcile(current: CronJob, { jobs }: World, now: number): Outcome {
  const { status, events } = observed(current, jobs);
  const start = startNow(current, status, jobs, now);
  return {
    writes: [
      beyondHistory(current, jobs).map(deletion), start.replaced.map(deletion), ...start.creations, ...statusWrites(current, start.status),
    ],
    events: [...events, ...start.events],
    ...(start.waitMilliseconds === undefined ? {} : { requeueAfterMilliseconds: start.waitMilliseconds }),
  };
}

/** The status by the jobs that there are: those of its timetable that run are active. */
function observed({ status }: CronJob, jobs: readonly Job[]): { readonly status: CronJobStatus; readonly events: EventWish[] } {
  const events: EventWish[] = [];
  const active: ObjectReference[] = [];
  let { lastSuccessfulTime } = status;
  const known = (status.active ?? []).filter(({ uid, name }) => {
    const isThere = jobs.some(({ metadata }) => metadata.uid === uid);
    if (!isThere) events.push({ type: "Normal", reason: "MissingJob", message: `Active job went missing: ${name}` });
    return isThere;
  });
  for (const job of jobs) {
    const reference = known.find(({ uid }) => uid === job.metadata.uid);
    if (!isJobFinished(job)) {
      if (reference || job.metadata.annotations?.[scheduledKey] !== undefined) active.push(reference ?? referenceTo(job));
      else events.push(unexpected(job));
    } else if (reference) {
      events.push({ type: "Normal", reason: "SawCompletedJob", message: `Saw completed job: ${job.metadata.name}, condition: ${endOf(job)}` });
    }
    const { completionTime } = job.status;
    if (jobIs(job, "Complete") && completionTime !== undefined && completionTime > (lastSuccessfulTime ?? "")) lastSuccessfulTime = completionTime;
  }
  return { status: { ...status, active, ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }) }, events };
}

function unexpected({ metadata: { name } }: Job): EventWish {
  return { type: "Warning", reason: "UnexpectedJob", message: `Saw a job that the controller did not create or forgot: ${name}` };
}

interface Start {
  readonly status: CronJobStatus;
  readonly creations: readonly Write[];
  /** Jobs that have to make way. */
  readonly replaced: readonly Job[];
  readonly events: readonly EventWish[];
  readonly waitMilliseconds?: number;
}

/** Starts the job of the last time that the timetable named, unless something speaks against it. */
function startNow(current: CronJob, status: CronJobStatus, jobs: readonly Job[], now: number): Start {
  const nothing = { status, creations: [], replaced: [], events: [] };
  const { spec, metadata } = current;
  if (metadata.deletionTimestamp !== undefined) return nothing;
  const timetable = timetableOf(current);
  if (isFault(timetable)) return { ...nothing, events: [{ type: "Warning", ...timetable }] };
  if (spec.suspend) return nothing;
  const { last: time, count } = missedTimes(current, timetable, now, true);
  const wait = untilNext(current, timetable, now);
  const waiting = { ...nothing, ...(wait === undefined ? {} : { waitMilliseconds: wait }), events: count > manyMissed ? [tooManyMissed] : [] };
  if (time === undefined || status.lastScheduleTime === formatTime(time)) return waiting;
  if (spec.startingDeadlineSeconds !== undefined && time + spec.startingDeadlineSeconds * 1000 < now) {
    const message = `Missed scheduled time to start a job: ${new Date(time).toUTCString().replace("GMT", "+0000")}`;
    return { ...waiting, events: [...waiting.events, { type: "Warning", reason: "MissSchedule", message }] };
  }
  const running = jobs.filter(({ metadata: { uid } }) => status.active?.some((reference) => reference.uid === uid));
  const started = { ...waiting, status: { ...status, lastScheduleTime: formatTime(time) } };
  // The job is there, and what was to be said of it got lost.
  if (jobs.some((job) => job.metadata.name === jobName(current, time))) return started;
  if (spec.concurrencyPolicy === "Forbid" && running.length > 0) return { ...waiting, events: [...waiting.events, alreadyActive] };
  return {
    ...started, replaced: spec.concurrencyPolicy === "Replace" ? running : [], creations: [creation(current, time, timetable)],
    status: { ...started.status, ...(spec.concurrencyPolicy === "Replace" ? { active: [] } : {}) },
  };
}

const tooManyMissed: EventWish = {
  type: "Warning", reason: "TooManyMissedTimes",
  message: "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
};

const alreadyActive: EventWish = {
  type: "Normal", reason: "JobAlreadyActive",
  message: "Not starting job because prior execution is running and concurrency policy is Forbid",
};

function creation(current: CronJob, time: number, { zone }: Timetable): Write {
  return {
    do: "create", kind: Job, object: jobFor(current, time, zone),
    created: { reason: "SuccessfulCreate", message: (name) => `Created job ${name}` },
    failed: { reason: "FailedCreate", message: (error) => `Error creating job: ${error}` },
  };
}

function isFault(timetable: Timetable | Fault): timetable is Fault {
  return "reason" in timetable;
}

function statusWrites(current: CronJob, status: CronJobStatus): Write[] {
  return semanticallyEqual(current.status, status) ? [] : [updateStatus(CronJob, { ...current, status })];
}
