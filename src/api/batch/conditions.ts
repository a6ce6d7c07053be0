import type { Job, JobCondition } from "../generated/batch-v1.ts";

export type JobConditionType = "Complete" | "Failed" | "Suspended" | "FailureTarget" | "SuccessCriteriaMet";

export function jobCondition({ status }: Pick<Job, "status">, type: JobConditionType): JobCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** Whether the condition holds. */
export function jobIs(job: Pick<Job, "status">, type: JobConditionType): boolean {
  return jobCondition(job, type)?.status === "True";
}

/** Whether the job has come to its end, one way or the other. */
export function isJobFinished(job: Pick<Job, "status">): boolean {
  return jobIs(job, "Complete") || jobIs(job, "Failed");
}
