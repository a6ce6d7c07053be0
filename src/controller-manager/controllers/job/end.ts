import { jobCondition } from "#api/batch/conditions.ts";
import { countIndexes } from "#api/batch/index-intervals.ts";
import type { Job } from "#api/batch/job.ts";
import { parseTime } from "#machinery/time.ts";
import { hasFailed } from "./failures.ts";
import { judge } from "./pod-failure-policy.ts";
import { metRule } from "./success-policy.ts";
import type { Tally } from "./tally.ts";
import { countsByIndex, isIndexed } from "./tracking.ts";

/** What a job comes to. It is said at once, and enacted when no pod is left and all are counted (KEP-3939, KEP-4368). */
export interface End {
  readonly succeeds: boolean;
  readonly reason: string;
  readonly message: string;
}

/** How the job ends before all its completions are there, if it does; what has been said once is not taken back. */
export function endOf(job: Job, tally: Tally, now: number): End | undefined {
  return saidBefore(job, "SuccessCriteriaMet", true) ?? saidBefore(job, "FailureTarget", false)
    ?? failureByPolicy(job, tally) ?? failureByLimits(job, tally, now) ?? failureByIndexes(job, tally) ?? earlySuccess(job, tally);
}

/** Where enough pods have succeeded and none is active any more. */
export function completion({ spec: { completions } }: Job, succeeded: number, active: number): End | undefined {
  const isEnough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isEnough || active > 0) return undefined;
  return { succeeds: true, reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };
}

/** Milliseconds until the job has run for too long. */
export function untilDeadline({ spec: { activeDeadlineSeconds, suspend }, status }: Job, now: number): number | undefined {
  if (activeDeadlineSeconds === undefined || suspend) return undefined;
  return (parseTime(status.startTime ?? "") ?? now) + activeDeadlineSeconds * 1000 - now;
}

function saidBefore(job: Job, type: "SuccessCriteriaMet" | "FailureTarget", succeeds: boolean): End | undefined {
  const condition = jobCondition(job, type);
  return condition?.status === "True" ? { succeeds, reason: condition.reason ?? "", message: condition.message ?? "" } : undefined;
}

function failureByPolicy(job: Job, { pods }: Tally): End | undefined {
  const { podFailurePolicy } = job.spec;
  if (podFailurePolicy === undefined) return undefined;
  const messages = pods.filter((pod) => hasFailed(pod, job)).map((pod) => judge(podFailurePolicy, pod).message);
  const message = messages.find((text) => text !== undefined);
  return message === undefined ? undefined : { succeeds: false, reason: "PodFailurePolicy", message };
}

function failureByLimits(job: Job, { failed, pods }: Tally, now: number): End | undefined {
  const { backoffLimit } = job.spec;
  const restarts = restartsInPlace(job, pods);
  if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit)) {
    return { succeeds: false, reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
  }
  if ((untilDeadline(job, now) ?? 1) > 0 || job.status.startTime === undefined) return undefined;
  return { succeeds: false, reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
}

/** How often containers of pods that are restarted where they are have been. */
function restartsInPlace({ spec: { template } }: Job, pods: Tally["pods"]): number {
  if (template.spec.restartPolicy !== "OnFailure") return 0;
  return pods
    .filter(({ status: { phase } }) => phase === "Running" || phase === "Pending")
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function failureByIndexes(job: Job, { failedIndexes, succeededIndexes }: Tally): End | undefined {
  if (!countsByIndex(job)) return undefined;
  const { maxFailedIndexes, completions = 0 } = job.spec;
  const failed = countIndexes(failedIndexes);
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    return { succeeds: false, reason: "MaxFailedIndexesExceeded", message: "Job has exceeded the specified maximal number of failed indexes" };
  }
  if (failed === 0 || failed + countIndexes(succeededIndexes) < completions) return undefined;
  return { succeeds: false, reason: "FailedIndexes", message: "Job has failed indexes" };
}

function earlySuccess(job: Job, { succeededIndexes }: Tally): End | undefined {
  const { successPolicy, completions = 0 } = job.spec;
  if (successPolicy === undefined || !isIndexed(job)) return undefined;
  const rule = metRule(successPolicy, completions, succeededIndexes);
  return rule === undefined ? undefined : { succeeds: true, reason: "SuccessPolicy", message: `Matched rules at index ${rule}` };
}
