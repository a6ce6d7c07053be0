import { expect } from "vitest";
import { jobCondition, jobIs } from "#api/batch/conditions.ts";
import { Job } from "#api/batch/job.ts";
import { Pod } from "#api/core/pod.ts";
import type { JobSpec } from "#api/generated/batch-v1.ts";
import type { New } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../../conformance.ts";

const mergePatch = "application/merge-patch+json";
/** How a simulated pod behaves, by its annotations. */
type Behaviour = Readonly<Record<string, string>>;
const succeeds: Behaviour = { "simulation.knarr.dev/run": "1" };
const fails: Behaviour = { ...succeeds, "simulation.knarr.dev/exit-code": "1" };

function templateOf(annotations: Behaviour, restartPolicy: "Never" | "OnFailure" = "Never"): New<JobSpec>["template"] {
  return { metadata: { labels: { app: "e2e" }, annotations }, spec: { restartPolicy, containers: [{ name: "c", image: "busybox" }] } };
}

function start({ of, namespace }: Stage, annotations: Behaviour, spec: New<JobSpec> = {}): Promise<Job> {
  return of(Job).create({ metadata: { name: "job", namespace }, spec: { template: templateOf(annotations), ...spec } });
}

async function podsOf({ of, namespace }: Stage): Promise<readonly Pod[]> {
  return (await of(Pod).list(namespace)).items;
}

const get = ({ of, namespace }: Stage): Promise<Job> => of(Job).get(namespace, "job");

async function runs(stage: Stage, count: number): Promise<readonly Pod[]> {
  return stage.until(`${count} pods run`, async () => {
    const pods = (await podsOf(stage)).filter(({ status }) => status.phase === "Running");
    return pods.length >= count && pods;
  });
}

/** Waits for the end of a job, long enough for a few failures in a row. */
function ends(stage: Stage, type: "Complete" | "Failed"): Promise<Job> {
  return stage.until(`the job is ${type}`, async () => {
    const job = await get(stage);
    return jobIs(job, type) && job;
  }, 300);
}

conformance("[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]", async (stage) => {
  await start(stage, succeeds, { completionMode: "Indexed", completions: 4, parallelism: 2 });
  expect((await ends(stage, "Complete")).status).toMatchObject({ succeeded: 4, completedIndexes: "0-3" });
  const pods = await podsOf(stage);
  const indexes = pods.map(({ metadata }) => metadata.annotations!["batch.kubernetes.io/job-completion-index"]!);
  expect(indexes.toSorted()).toEqual(["0", "1", "2", "3"]);
  expect(new Set(pods.map(({ spec }) => spec.hostname))).toEqual(new Set(["job-0", "job-1", "job-2", "job-3"]));
});

conformance("[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted [Conformance]", async (stage) => {
  await start(stage, fails, { completions: 2, parallelism: 2, backoffLimit: 20, template: templateOf(fails, "OnFailure") });
  const isRestarted = ({ status }: Pod): boolean => (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;
  await stage.until("both pods' containers are restarted", async () => (await podsOf(stage)).filter(isRestarted).length === 2);
  for (const { metadata: { name } } of await podsOf(stage)) {
    await stage.of(Pod).patch(stage.namespace, name, mergePatch, { metadata: { annotations: { "simulation.knarr.dev/exit-code": "0" } } });
  }
  expect((await ends(stage, "Complete")).status).toMatchObject({ succeeded: 2 });
});

conformance("[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]", async (stage) => {
  const podFailurePolicy = { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }] };
  await start(stage, fails, { podFailurePolicy });
  const job = await ends(stage, "Failed");
  expect(jobCondition(job, "Failed")?.reason).toBe("PodFailurePolicy");
  expect(job.status).toMatchObject({ failed: 1 });
});

conformance("[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition [Conformance]", async (stage) => {
  const podFailurePolicy = { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] };
  await start(stage, { "simulation.knarr.dev/run": "60" }, { podFailurePolicy, backoffLimit: 0 });
  const [first] = await runs(stage, 1);
  await stage.client.transport.call({
    verb: "create", resource: Pod, namespace: stage.namespace, name: first!.metadata.name, subresource: "eviction",
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: first!.metadata.name, namespace: stage.namespace } },
  });
  expect((await ends(stage, "Complete")).status).toMatchObject({ succeeded: 1 });
});

conformance("[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy [Conformance]", async (stage) => {
  const podFailurePolicy = { rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [1] } }] };
  await start(stage, fails, { completionMode: "Indexed", completions: 2, parallelism: 2, backoffLimitPerIndex: 1, podFailurePolicy });
  const job = await ends(stage, "Failed");
  expect(job.status).toMatchObject({ failedIndexes: "0,1", failed: 2 });
  expect(jobCondition(job, "Failed")?.reason).toBe("FailedIndexes");
});

conformance("[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes [Conformance]", async (stage) => {
  await start(stage, fails, { completionMode: "Indexed", completions: 10, parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
  const job = await ends(stage, "Failed");
  expect(job.status).toMatchObject({ failedIndexes: "0,1" });
  expect(jobCondition(job, "Failed")?.reason).toBe("MaxFailedIndexesExceeded");
});

conformance("[sig-apps] Job with successPolicy should succeeded when all indexes succeeded [Conformance]", async (stage) => {
  await start(stage, succeeds, { completionMode: "Indexed", completions: 2, parallelism: 2, successPolicy: { rules: [{ succeededIndexes: "0-1" }] } });
  const job = await ends(stage, "Complete");
  expect(jobIs(job, "SuccessCriteriaMet")).toBe(true);
  expect(job.status).toMatchObject({ completedIndexes: "0,1" });
});

/** Pod 0 ends, the others run on. */
async function endsWithIndexZero(stage: Stage, rule: object): Promise<void> {
  await start(stage, {}, { completionMode: "Indexed", completions: 5, parallelism: 2, successPolicy: { rules: [rule] } });
  const first = (await runs(stage, 2)).find(({ metadata }) => metadata.annotations!["batch.kubernetes.io/job-completion-index"] === "0")!;
  await stage.of(Pod).patch(stage.namespace, first.metadata.name, mergePatch, { status: { phase: "Succeeded" } }, {}, "status");
  const job = await ends(stage, "Complete");
  expect(job.status).toMatchObject({ completedIndexes: "0", succeeded: 1 });
  expect(job.status.failed ?? 0).toBe(0);
  expect(jobCondition(job, "Complete")?.reason).toBe("SuccessPolicy");
}

conformance("[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending [Conformance]",
  (stage) => endsWithIndexZero(stage, { succeededIndexes: "0" }));

conformance("[sig-apps] Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending [Conformance]",
  (stage) => endsWithIndexZero(stage, { succeededCount: 1 }));

conformance("[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  const { metadata: { uid } } = await start(stage, {}, { parallelism: 2, completions: 4 });
  const [pod] = await runs(stage, 2);
  const { name } = pod!.metadata;
  const owners = async (): Promise<string[]> => ((await of(Pod).get(namespace, name)).metadata.ownerReferences ?? []).map((owner) => owner.uid);
  await of(Pod).patch(namespace, name, mergePatch, { metadata: { ownerReferences: null } });
  await until("the pod is adopted", async () => (await owners()).includes(uid));
  await of(Pod).patch(namespace, name, mergePatch, { metadata: { labels: null } });
  await until("the pod is released", async () => (await owners()).length === 0);
  expect((await of(Pod).get(namespace, name)).metadata.finalizers ?? []).toEqual([]);
});

conformance("[sig-apps] Job should apply changes to a job status [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  await start(stage, {}, { parallelism: 2, completions: 4 });
  await runs(stage, 2);
  const patch = { metadata: { annotations: { patchedstatus: "true" } }, status: { conditions: [{ type: "CustomConditionType", status: "True", reason: "E2E", message: "Patched by an e2e test" }] } };
  const patched = await of(Job).patch(namespace, "job", mergePatch, patch, {}, "status");
  expect(patched).toMatchObject(patch);
  const update = await of(Job).updateStatus({ ...patched, status: { ...patched.status, conditions: [{ ...patch.status.conditions[0]!, reason: "Updated" }] } });
  expect(update.status.conditions).toMatchObject([{ reason: "Updated" }]);
  expect((await get(stage)).metadata.annotations).toMatchObject({ patchedstatus: "true" });
});

conformance("[sig-apps] Job should manage the lifecycle of a job [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  await start(stage, succeeds, { suspend: true, parallelism: 1 });
  await of(Job).patch(namespace, "job", mergePatch, { metadata: { labels: { "e2e-job": "patched" } } });
  await until("the job is suspended", async () => jobIs(await get(stage), "Suspended"));
  expect(await podsOf(stage)).toEqual([]);
  const { metadata, spec, ...job } = await get(stage);
  await of(Job).update({ ...job, metadata: { ...metadata, annotations: { updated: "true" } }, spec: { ...spec, suspend: false } });
  await ends(stage, "Complete");
  expect((await of(Job).list("", { labelSelector: "e2e-job=patched" })).items).toHaveLength(1);
  await of(Job).deleteCollection(namespace, { labelSelector: "e2e-job=patched" }, { propagationPolicy: "Background" });
  await until("the job has gone", () => get(stage).then(() => false, isNotFound));
  await until("its pods have gone", async () => (await podsOf(stage)).length === 0);
});
