import { expect } from "vitest";
import { CronJob } from "#api/batch/cron-job.ts";
import { Job } from "#api/batch/job.ts";
import type { CronJobSpec } from "#api/generated/batch-v1.ts";
import type { WatchEvent } from "#client/transport.ts";
import type { New } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../../conformance.ts";

const mergePatch = "application/merge-patch+json";
const template = { spec: { restartPolicy: "OnFailure" as const, containers: [{ name: "c", image: "busybox" }] } };

/** Its jobs run on and on. */
function start({ of, namespace }: Stage, spec: New<CronJobSpec>, more: object = {}): Promise<CronJob> {
  return of(CronJob).create({ metadata: { name: "tick", namespace, ...more }, spec: { schedule: "*/1 * * * ?", jobTemplate: { spec: { template } }, ...spec } });
}

const get = ({ of, namespace }: Stage): Promise<CronJob> => of(CronJob).get(namespace, "tick");
const jobs = async ({ of, namespace }: Stage): Promise<readonly Job[]> => (await of(Job).list(namespace)).items;
const activeNames = async (stage: Stage): Promise<string[]> => ((await get(stage)).status.active ?? []).map(({ name = "" }) => name);

async function firstJob(stage: Stage): Promise<string> {
  const [name] = await stage.until("a job is active", async () => {
    const names = await activeNames(stage);
    return names.length > 0 && names;
  }, 90);
  return name!;
}

conformance("[sig-apps] CronJob should not schedule jobs when suspended [Conformance] [Slow]", async (stage) => {
  await start(stage, { suspend: true });
  await stage.pass(300);
  expect(await activeNames(stage)).toEqual([]);
  expect(await jobs(stage)).toEqual([]);
});

conformance("[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Conformance] [Slow]", async (stage) => {
  await start(stage, { concurrencyPolicy: "Forbid" });
  const name = await firstJob(stage);
  await stage.pass(300);
  expect(await activeNames(stage)).toEqual([name]);
  expect((await jobs(stage)).map(({ metadata }) => metadata.name)).toEqual([name]);
});

conformance("[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]", async (stage) => {
  await start(stage, { concurrencyPolicy: "Replace" });
  const name = await firstJob(stage);
  await stage.until("another job takes its place", async () => {
    const names = await activeNames(stage);
    return names.length === 1 && names[0] !== name;
  }, 120);
  await stage.until("the first one has gone", () => stage.of(Job).get(stage.namespace, name).then(() => false, isNotFound));
});

conformance("[sig-apps] CronJob should support CronJob API operations [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  const cronJobs = of(CronJob);
  const labels = { "special-label": namespace };
  const { metadata: { resourceVersion } } = await start(stage, { suspend: true }, { labels });
  const seen: WatchEvent[] = [];
  const watch = cronJobs.watch(namespace, { labelSelector: `special-label=${namespace}`, resourceVersion }, { event: (event) => seen.push(event), ended: () => undefined });
  expect((await cronJobs.list("", { labelSelector: `special-label=${namespace}` })).items).toHaveLength(1);
  const patched = await cronJobs.patch(namespace, "tick", mergePatch, { metadata: { annotations: { patched: "true" } } });
  const updated = await cronJobs.update({ ...patched, metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: "true" } } });
  expect(updated.metadata.annotations).toMatchObject({ patched: "true", updated: "true" });
  const lastScheduleTime = "2026-01-01T00:00:00Z";
  const withStatus = await cronJobs.patch(namespace, "tick", mergePatch, { metadata: { annotations: { patchedstatus: "true" } }, status: { lastScheduleTime } }, {}, "status");
  expect(withStatus).toMatchObject({ status: { lastScheduleTime }, metadata: { annotations: { patchedstatus: "true" } } });
  expect((await cronJobs.updateStatus({ ...withStatus, status: { lastScheduleTime: "2026-01-01T00:01:00Z" } })).status.lastScheduleTime).toBe("2026-01-01T00:01:00Z");
  await cronJobs.delete(namespace, "tick");
  await until("it has gone", () => get(stage).then(() => false, isNotFound));
  await start(stage, { suspend: true }, { labels });
  await cronJobs.deleteCollection(namespace, { labelSelector: `special-label=${namespace}` });
  await until("all have gone", async () => (await cronJobs.list(namespace)).items.length === 0);
  watch.close();
  expect(seen.map(({ type }) => type)).toEqual(["MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED", "ADDED", "DELETED"]);
});
