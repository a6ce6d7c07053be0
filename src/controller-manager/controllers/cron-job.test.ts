import { describe, expect, test } from "vitest";
import type { CronJob } from "#api/batch/cron-job.ts";
import type { Job } from "#api/batch/job.ts";
import type { CronJobSpec, CronJobStatus } from "#api/generated/batch-v1.ts";
import { formatTime } from "#machinery/time.ts";
import { metadataOf, ownedBy, templateOf } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { cronJobController } from "./cron-job.ts";

const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
const text = (time: string): string => formatTime(at(time));
const scheduled = "batch.kubernetes.io/cronjob-scheduled-timestamp";

function aCronJob(spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): CronJob {
  return {
    apiVersion: "batch/v1", kind: "CronJob", metadata: metadataOf("tick", { creationTimestamp: text("08:00:30") }),
    spec: {
      schedule: "*/10 * * * *", concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels: { app: "tick" } }, spec: { template: templateOf() } } as unknown as CronJobSpec["jobTemplate"], ...spec,
    },
    status,
  };
}

/** The name that a job gets which is started at a time. */
const nameAt = (time: string): string => `tick-${at(time) / 60_000}`;

function aJob(time: string, status: Job["status"] = {}, annotations: Readonly<Record<string, string>> = { [scheduled]: text(time) }): Job {
  const metadata = metadataOf(nameAt(time), { annotations, ownerReferences: ownedBy(aCronJob()) });
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: {} as Job["spec"], status: { startTime: text(time), ...status } };
}

const ended = (type: string, time: string): Job["status"] =>
  ({ conditions: [{ type, status: "True" }], ...(type === "Complete" ? { completionTime: text(time) } : {}) });
const reference = (time: string) => ({ kind: "Job", apiVersion: "batch/v1", namespace: "default", name: nameAt(time), uid: `uid-${nameAt(time)}`, resourceVersion: "1" });
const run = (cronJob: CronJob, time: string, ...jobs: readonly Job[]) => cronJobController.reconcile(cronJob, { jobs }, at(time));

test("before its time a cron job waits, a little longer than until then", () => {
  const outcome = run(aCronJob(), "08:05:00");
  expect(deedsOf(outcome)).toEqual([]);
  expect(outcome.requeueAfterMilliseconds).toBe(300_100);
});

test("at its time it starts a job from its template, of a name that tells the time", () => {
  const outcome = run(aCronJob({ timeZone: "Asia/Kolkata" }), "08:10:00");
  expect(deedsOf(outcome)).toEqual([`create Job ${nameAt("08:10:00")}`]);
  const write = outcome.writes!.flat().find((one) => one.do === "create")!;
  expect(write).toMatchObject({
    object: {
      metadata: { labels: { app: "tick" }, annotations: { [scheduled]: "2026-01-01T13:40:00+05:30" }, ownerReferences: [{ kind: "CronJob", controller: true }] },
      spec: { template: { spec: { containers: [{ name: "web" }] } } },
    },
  });
  expect(statusOf(outcome)).toMatchObject({ lastScheduleTime: text("08:10:00") });
  expect(outcome.requeueAfterMilliseconds).toBe(600_100);
});

describe("a cron job", () => {
  const running = aJob("08:10:00");
  const status = { lastScheduleTime: text("08:10:00"), active: [reference("08:10:00")] };

  test.each<[string, CronJob, string, Job[], string[]]>([
    ["starts only the last of those it missed", aCronJob(), "09:05:00", [], [`create Job ${nameAt("09:00:00")}`]],
    ["complains when it missed very many", aCronJob({ schedule: "* * * * *" }), "10:05:00", [], [`create Job ${nameAt("10:05:00")}`,
      "Warning TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"]],
    ["does not start what is too late", aCronJob({ startingDeadlineSeconds: 60 }), "08:15:00", [], []],
    ["does nothing while it is suspended", aCronJob({ suspend: true }), "08:15:00", [], []],
    ["does not start twice for one time", aCronJob({}, status), "08:11:00", [running], []],
    ["starts beside what runs", aCronJob({}, status), "08:20:00", [running], [`create Job ${nameAt("08:20:00")}`]],
    ["starts nothing beside what runs", aCronJob({ concurrencyPolicy: "Forbid" }, status), "08:20:00", [running],
      ["Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid"]],
    ["replaces what runs", aCronJob({ concurrencyPolicy: "Replace" }, status), "08:20:00", [running],
      [`delete Job ${nameAt("08:10:00")}`, `create Job ${nameAt("08:20:00")}`]],
    ["tells of a job that is not its own", aCronJob({}, { lastScheduleTime: text("08:10:00") }), "08:11:00", [aJob("08:10:00", {}, {})],
      [`Warning UnexpectedJob Saw a job that the controller did not create or forgot: ${nameAt("08:10:00")}`]],
    ["tells of a job that is gone", aCronJob({}, status), "08:11:00", [], [`Normal MissingJob Active job went missing: ${nameAt("08:10:00")}`]],
    ["tells of a job that ended", aCronJob({}, status), "08:11:00", [aJob("08:10:00", ended("Complete", "08:10:30"))],
      [`Normal SawCompletedJob Saw completed job: ${nameAt("08:10:00")}, condition: Complete`]],
    ["tells of a zone that is none", aCronJob({ timeZone: "Nowhere" }), "08:11:00", [], ['Warning UnknownTimeZone invalid timeZone: "Nowhere": unknown time zone Nowhere']],
  ])("%s", (_, cronJob, time, jobs, expected) => expect(deedsOf(run(cronJob, time, ...jobs))).toEqual(expected));

  test("knows which of its jobs run, and when one last succeeded", () => {
    const outcome = run(aCronJob({}, { lastScheduleTime: text("08:20:00") }), "08:21:00", aJob("08:10:00", ended("Complete", "08:10:30")), aJob("08:20:00"));
    expect(statusOf(outcome)).toEqual({ lastScheduleTime: text("08:20:00"), lastSuccessfulTime: text("08:10:30"), active: [reference("08:20:00")] });
  });

  test("that has just started a job and could not say so, says so", () => {
    const outcome = run(aCronJob(), "08:10:05", aJob("08:10:00"));
    expect(deedsOf(outcome)).toEqual([]);
    expect(statusOf(outcome)).toMatchObject({ lastScheduleTime: text("08:10:00"), active: [{ name: nameAt("08:10:00") }] });
  });

  test("keeps the newest of its old jobs", () => {
    const jobs = ["08:00:00", "07:50:00", "07:40:00"].map((time) => aJob(time, ended("Complete", time)));
    const failures = ["07:30:00", "07:20:00"].map((time) => aJob(time, ended("Failed", time)));
    const deeds = deedsOf(run(aCronJob({ successfulJobsHistoryLimit: 2 }), "08:05:00", ...jobs, ...failures));
    expect(deeds).toEqual([`delete Job ${nameAt("07:40:00")}`, `delete Job ${nameAt("07:20:00")}`]);
  });
});
