import { describe, expect, test } from "vitest";
import type { Job } from "#api/batch/job.ts";
import type { Pod } from "#api/core/pod.ts";
import type { JobSpec, JobStatus } from "#api/generated/batch-v1.ts";
import type { Metadata } from "#machinery/kind.ts";
import { aPod, at, epoch, metadataOf, type PodWish, templateOf } from "../testing/objects.ts";
import { deedsOf, statusOf } from "../testing/outcome.ts";
import { jobController } from "./job/reconcile-job.ts";
import { jobPodReleaseController } from "./job/release-pods.ts";

const now = epoch + 1_000_000;
const template = { ...templateOf(), spec: { ...templateOf().spec, restartPolicy: "Never" as const } };
const finalizers = ["batch.kubernetes.io/job-tracking"];
const indexKey = "batch.kubernetes.io/job-completion-index";

function aJob(spec: Partial<JobSpec> = {}, status: JobStatus = { startTime: at(0) }, metadata: Partial<Metadata> = {}): Job {
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: metadataOf("pi", { generation: 1, ...metadata }),
    spec: {
      parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed",
      selector: { matchLabels: { app: "web" } }, template, ...spec,
    },
    status,
  };
}

const indexed = (spec: Partial<JobSpec> = {}, status?: JobStatus): Job => aJob({ completionMode: "Indexed", completions: 3, parallelism: 3, ...spec }, status);
const owned = (name: string, wish: PodWish = {}): Pod => aPod(name, { owner: aJob(), ...wish, metadata: { finalizers, ...wish.metadata } });
const succeeded = (name: string, more: PodWish = {}): Pod => owned(name, { phase: "Succeeded", ...more });
/** @param seconds after `epoch` at which it ended */
const failed = (name: string, seconds: number, exitCode = 1, more: PodWish = {}): Pod => owned(name, {
  phase: "Failed", status: { containerStatuses: [{ name: "web", restartCount: 0, state: { terminated: { exitCode, finishedAt: at(seconds) } } }] as never }, ...more,
});
const withIndex = (index: number, more: { [key: string]: string } = {}): PodWish => ({ metadata: { finalizers, annotations: { [indexKey]: String(index), ...more } } });
const is = (type: string, reason: string, message: string, since = at(1000), status = "True") => ({ type, status, reason, message, lastProbeTime: since, lastTransitionTime: since });
const completed = ["CompletionsReached", "Reached expected number of succeeded pods"] as const;

function reconcile(job: Job, ...candidates: readonly Pod[]) {
  return jobController.reconcile(job, { candidates }, now);
}

function statuses(job: Job, ...candidates: readonly Pod[]): JobStatus[] {
  const writes = (reconcile(job, ...candidates).writes ?? []).flat();
  return writes.flatMap((write) => (write.do === "updateStatus" ? [(write.object as Job).status] : []));
}

describe("a job makes pods", () => {
  test("that it tracks, and says when it began", () => {
    const outcome = reconcile(aJob({}, {}));
    expect(deedsOf(outcome)).toEqual(["create Pod pi-"]);
    expect(statusOf(outcome)).toMatchObject({ startTime: at(1000), active: 0, ready: 0, terminating: 0 });
    const [write] = outcome.writes!.at(-1) as never[];
    expect(write).toMatchObject({ object: { metadata: { generateName: "pi-", finalizers, labels: { app: "web" }, ownerReferences: [{ kind: "Job", uid: "uid-pi" }] } } });
  });

  test.each<[string, Job, Pod[], string[]]>([
    ["as many as run at once", aJob({ parallelism: 2, completions: 5 }), [], ["create Pod pi-", "create Pod pi-"]],
    ["no more than are missing", aJob({ parallelism: 5, completions: 5 }, { startTime: at(0), succeeded: 3 }), [], ["create Pod pi-", "create Pod pi-"]],
    ["none beside those that run", aJob({ parallelism: 2, completions: 5 }), [owned("a"), owned("b")], []],
    ["none after the first success, where there is no number", aJob({ parallelism: 2, completions: undefined }, { startTime: at(0), succeeded: 1 }), [owned("a")], []],
    ["instead of those that are on their way out", aJob(), [owned("a", { metadata: { finalizers, deletionTimestamp: at(990) } })], ["patch Pod a", "create Pod pi-"]],
    ["or only when those have gone", aJob({ podReplacementPolicy: "Failed" }), [owned("a", { metadata: { finalizers, deletionTimestamp: at(990) } })], []],
    ["and deletes what is too much, uncounted", aJob({ parallelism: 1, completions: 5 }), [owned("a"), owned("b", { node: "n1" })], ["patch Pod a", "delete Pod a"]],
    ["and none while it is suspended", aJob({ suspend: true }, {}), [owned("a")], ["patch Pod a", "delete Pod a", "Normal Suspended Job suspended"]],
    ["and none when it is being deleted", aJob({}, undefined, { deletionTimestamp: at(999) }), [], []],
    ["and none for another controller", aJob({ managedBy: "acme.io/jobs" }, {}), [], []],
    ["and none when it has ended", aJob({}, { conditions: [is("Complete", "", "")] }), [], []],
  ])("%s", (_, job, pods, expected) => expect(deedsOf(reconcile(job, ...pods))).toEqual(expected));

  test("one for each index, named and told so", () => {
    const outcome = reconcile(indexed({}, { startTime: at(0), completedIndexes: "1", succeeded: 1 }), owned("a", withIndex(0)));
    expect(deedsOf(outcome)).toEqual(["create Pod pi-2-"]);
    const [write] = outcome.writes!.at(-1) as never[];
    expect(write).toMatchObject({
      object: {
        metadata: { labels: { [indexKey]: "2" }, annotations: { [indexKey]: "2" } },
        spec: { hostname: "pi-2", containers: [{ env: [{ name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } } }] }] },
      },
    });
  });

  test("and none twice: of two with an index one goes, and one without any", () => {
    const pods = [owned("a", withIndex(0)), owned("b", { ...withIndex(0), node: "n1" }), owned("c")];
    expect(deedsOf(reconcile(indexed(), ...pods))).toEqual(["patch Pod a", "patch Pod c", "delete Pod a", "delete Pod c"]);
  });
});

describe("pods that end are counted", () => {
  test("in steps of which none can be lost: noted, let go, counted", () => {
    const job = aJob({ completions: 3 });
    const outcome = reconcile(job, succeeded("a"), failed("b", 500));
    expect(deedsOf(outcome)).toEqual(["patch Pod a", "patch Pod b", "create Pod pi-"]);
    const [noted, counted] = statuses(job, succeeded("a"), failed("b", 500));
    expect(noted).toMatchObject({ uncountedTerminatedPods: { succeeded: ["uid-a"], failed: ["uid-b"] }, failed: 0 });
    expect(counted).toMatchObject({ uncountedTerminatedPods: {}, succeeded: 1, failed: 1 });
  });

  test("once, whatever came between", () => {
    const half = { startTime: at(0), uncountedTerminatedPods: { succeeded: ["uid-a"], failed: ["uid-b"] } };
    const untracked = succeeded("a", { metadata: { finalizers: [] } });
    const all = statuses(aJob({ completions: 3 }, half), untracked, failed("b", 500));
    expect(all.at(-1)).toMatchObject({ uncountedTerminatedPods: {}, succeeded: 1, failed: 1 });
    expect(statuses(aJob({ completions: 3 }, { ...half, uncountedTerminatedPods: {}, succeeded: 1, failed: 1, active: 0, ready: 0, terminating: 0 }), untracked)).toEqual([]);
  });

  test("by index, where there are any", () => {
    const job = indexed();
    expect(statuses(job, succeeded("a", withIndex(2)), succeeded("b", withIndex(0)), succeeded("c", withIndex(9))).at(-1))
      .toMatchObject({ completedIndexes: "0,2", succeeded: 2 });
  });

  test("as failed when they are deleted before their time", () => {
    const deleted = owned("a", { metadata: { finalizers, deletionTimestamp: at(990) } });
    expect(statuses(aJob(), deleted).at(-1)).toMatchObject({ failed: 1, terminating: 1 });
    expect(statuses(aJob({ podReplacementPolicy: "Failed" }), deleted).at(-1)).toMatchObject({ failed: 0, terminating: 1 });
  });
});

describe("a job succeeds", () => {
  test("when enough pods have, which is said first and enacted when all are counted", () => {
    const [noted, done] = statuses(aJob(), succeeded("a"));
    expect(noted!.conditions).toEqual([is("SuccessCriteriaMet", ...completed)]);
    expect(done).toMatchObject({ succeeded: 1, completionTime: at(1000), conditions: [{ type: "SuccessCriteriaMet" }, is("Complete", ...completed)] });
    expect(deedsOf(reconcile(aJob(), succeeded("a")))).toEqual(["patch Pod a", "Normal Completed Job completed"]);
  });

  test("not before the last pod has gone", () => {
    const job = aJob({}, { startTime: at(0), succeeded: 1, conditions: [is("SuccessCriteriaMet", ...completed)] });
    const leaving = owned("b", { metadata: { finalizers: [], deletionTimestamp: at(990) } });
    expect(statuses(job, leaving).at(-1)).toMatchObject({ terminating: 1, conditions: [{ type: "SuccessCriteriaMet" }] });
    expect(statuses(job).at(-1)).toMatchObject({ conditions: [{}, { type: "Complete" }] });
  });

  test("early, by its policy; pods that are left go and count for nothing", () => {
    const job = indexed({ successPolicy: { rules: [{ succeededIndexes: "2", succeededCount: 1 }, { succeededIndexes: "0-1", succeededCount: 1 }] } });
    const pods = [succeeded("a", withIndex(1)), owned("b", withIndex(0))];
    expect(deedsOf(reconcile(job, ...pods))).toEqual(["delete Pod b", "patch Pod a", "patch Pod b"]);
    expect(statuses(job, ...pods).at(-1)).toMatchObject({
      succeeded: 1, failed: 0, active: 0, terminating: 1, conditions: [is("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 1")],
    });
  });
});

describe("a job fails", () => {
  const failure = (reason: string, message: string) => [is("FailureTarget", reason, message), is("Failed", reason, message)];
  const limit = failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");

  test("after too many failures, and with it the pods that still run", () => {
    const job = aJob({ backoffLimit: 0, parallelism: 2, completions: 2 });
    const pods = [failed("a", 500), owned("b")];
    expect(deedsOf(reconcile(job, ...pods))).toEqual(["delete Pod b", "patch Pod a", "patch Pod b"]);
    expect(statuses(job, ...pods).at(-1)).toMatchObject({ failed: 2, terminating: 1, conditions: [limit[0]] });
    const later = aJob(job.spec, { startTime: at(0), failed: 2, conditions: [limit[0]!] });
    expect(statuses(later).at(-1)!.conditions).toEqual(limit);
    expect(deedsOf(reconcile(later))).toEqual(["Warning BackoffLimitExceeded Job has reached the specified backoff limit"]);
  });

  test.each<[string, Job, Pod[], object[]]>([
    ["when containers have restarted too often", aJob({ backoffLimit: 1, template: { ...template, spec: { ...template.spec, restartPolicy: "OnFailure" } } }),
      [owned("a", { restarts: 1 })], [limit[0]!]],
    ["after its time", aJob({ activeDeadlineSeconds: 1000 }), [], failure("DeadlineExceeded", "Job was active longer than specified deadline")],
    ["by its policy", aJob({ podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] } }), [failed("a", 900, 42)],
      failure("PodFailurePolicy", "Container web for pod default/a failed with exit code 42 matching FailJob rule at index 0")],
    ["with more failed indexes than it may have", indexed({ backoffLimitPerIndex: 0, maxFailedIndexes: 0 }), [failed("a", 900, 1, withIndex(0))],
      failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")],
    ["when all indexes have ended and some have failed", indexed({ backoffLimitPerIndex: 0 }, { startTime: at(0), completedIndexes: "1,2", succeeded: 2 }),
      [failed("a", 900, 1, withIndex(0))], failure("FailedIndexes", "Job has failed indexes")],
  ])("%s", (_, job, pods, conditions) => expect(statuses(job, ...pods).at(-1)!.conditions).toEqual(conditions));

  test("not by failures that its policy ignores", () => {
    const job = aJob({ backoffLimit: 0, podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }] } });
    const evicted = failed("a", 500, 1, { status: { conditions: [{ type: "DisruptionTarget", status: "True" }, { type: "Ready", status: "False", lastTransitionTime: at(500) }] } });
    expect(deedsOf(reconcile(job, evicted))).toEqual(["patch Pod a", "create Pod pi-"]);
    expect(statuses(job, evicted).at(-1)).toMatchObject({ failed: 0 });
  });

  test("of one index, when it has failed too often or its policy says so", () => {
    const policy = { rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [3] } }] };
    const job = indexed({ backoffLimitPerIndex: 2, podFailurePolicy: policy });
    const pods = [failed("a", 500, 3, withIndex(0)), failed("b", 500, 1, withIndex(1, { "batch.kubernetes.io/job-index-failure-count": "2" })), owned("c", withIndex(2))];
    expect(statuses(job, ...pods).at(-1)).toMatchObject({ failedIndexes: "0,1", failed: 2, active: 1 });
  });
});

describe("after a failure a job waits", () => {
  test.each<[string, Pod[], number | undefined]>([
    ["ten seconds", [failed("a", 995)], 5000],
    ["twice as long after the second", [failed("a", 900), failed("b", 995)], 15_000],
    ["ten minutes at most", Array.from({ length: 5 }, (_, count) => failed(`p${count}`, 995)).concat(Array.from({ length: 5 }, (_, count) => failed(`q${count}`, 995))), 595_000],
    ["as after the first where a pod has succeeded since", [failed("a", 900), succeeded("b", { status: { conditions: [{ type: "Ready", status: "False", lastTransitionTime: at(950) }] } }), failed("c", 995)], 5000],
    ["no longer than that", [failed("a", 900)], undefined],
  ])("%s", (_, pods, wait) => {
    const outcome = reconcile(aJob({ backoffLimit: 20, completions: 5 }), ...pods);
    expect(outcome.requeueAfterMilliseconds).toBe(wait);
    expect(deedsOf(outcome).includes("create Pod pi-")).toBe(wait === undefined);
  });

  test("for each index by itself; its failed pod stays until another knows of it", () => {
    const job = indexed({ backoffLimitPerIndex: 5 });
    const pods = [failed("a", 995, 1, withIndex(0)), failed("b", 500, 1, withIndex(1, { "batch.kubernetes.io/job-index-failure-count": "1" }))];
    const outcome = reconcile(job, ...pods);
    expect(deedsOf(outcome)).toEqual(["create Pod pi-1-", "create Pod pi-2-"]);
    const [second] = outcome.writes!.at(-1) as never[];
    expect(second).toMatchObject({ object: { metadata: { annotations: { "batch.kubernetes.io/job-index-failure-count": "2" } } } });
    expect(deedsOf(reconcile(job, ...pods, owned("c", withIndex(1)), owned("d", withIndex(2))))).toEqual(["patch Pod b"]);
    expect(reconcile(job, pods[0]!, owned("c", withIndex(1)), owned("d", withIndex(2))).requeueAfterMilliseconds).toBe(5000);
  });
});

test("a job that goes on after it was suspended has its time again", () => {
  const job = aJob({ activeDeadlineSeconds: 60 }, { startTime: at(0), conditions: [is("Suspended", "JobSuspended", "Job suspended", at(10))] });
  const outcome = reconcile(job);
  expect(deedsOf(outcome)).toEqual(["create Pod pi-", "Normal Resumed Job resumed"]);
  expect(outcome.requeueAfterMilliseconds).toBe(60_000);
  expect(statusOf(outcome)).toMatchObject({ startTime: at(1000), conditions: [is("Suspended", "JobResumed", "Job resumed", at(1000), "False")] });
});

test("pods come and go with the selector, and are tracked while they belong to the job", () => {
  const stray = owned("stray", { metadata: { finalizers, labels: { app: "db" } } });
  const writes = (reconcile(aJob({ parallelism: 2, completions: 2 }), aPod("orphan"), stray).writes ?? []).flat();
  expect(writes.filter((write) => write.do === "patch")).toMatchObject([
    { name: "orphan", patch: { metadata: { finalizers, ownerReferences: [{ uid: "uid-pi" }] } } },
    { name: "stray", patch: { metadata: { "$deleteFromPrimitiveList/finalizers": finalizers, ownerReferences: [{ $patch: "delete", uid: "uid-pi" }] } } },
  ]);
});

test("a pod that no job will count any more is let go", () => {
  const release = (isAwaited: boolean): string[] => deedsOf(jobPodReleaseController.reconcile(owned("a"), { isAwaited }, now));
  expect(release(true)).toEqual([]);
  expect(release(false)).toEqual(["patch Pod a"]);
});
