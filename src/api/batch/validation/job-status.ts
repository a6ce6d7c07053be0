import { equal, semanticallyEqual } from "#machinery/equality.ts";
import { duplicateValue, type FieldError, invalidTogether, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { parseTime } from "#machinery/time.ts";
import type { Job, UncountedTerminatedPods } from "../../generated/batch-v1.ts";
import { immutableDetail } from "../../object-meta.ts";
import { checkCounts } from "../../status-checks.ts";
import { isJobFinished, type JobConditionType, jobIs } from "../conditions.ts";
import { commonIndexes } from "../index-intervals.ts";
import { checkIndexes } from "./indexes.ts";

const path = fieldPath("status");
const conditionsPath = path.child("conditions");

/** A job's status is written by its controller, which may be anybody's (KEP-4368): what clients rely on is checked where it changes. */
export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const { status } = job;
  return [
    ...checkCounts(status, ["active", "succeeded", "failed", "ready", "terminating"]),
    ...validateUncounted(status.uncountedTerminatedPods),
    ...validateConditions(job, old),
    ...validateTimes(job, old),
    ...validateEnd(job, old),
    ...validateIndexes(job, old),
    ...validateCounters(job, old),
  ];
}

function validateUncounted({ succeeded = [], failed = [] }: UncountedTerminatedPods = {}): FieldError[] {
  const seen = new Set<string>();
  const check = (uids: readonly string[], name: string): FieldError[] => uids.flatMap((uid, index) => {
    const at = path.child("uncountedTerminatedPods", name).index(index);
    if (uid === "") return [invalidValue(at, uid, "must not be empty")];
    if (seen.has(uid)) return [duplicateValue(at, uid)];
    seen.add(uid);
    return [];
  });
  return [...check(succeeded, "succeeded"), ...check(failed, "failed")];
}

/** Pairs that exclude each other, in upstream's spelling. */
const exclusive: readonly (readonly [JobConditionType, JobConditionType, string])[] = [
  ["Complete", "Failed", "cannot set Complete=True and Failed=true conditions"],
  ["Complete", "FailureTarget", "cannot set Complete=True and FailureTarget=true conditions"],
  ["SuccessCriteriaMet", "Failed", "cannot set SuccessCriteriaMet=True and Failed=true conditions"],
  ["SuccessCriteriaMet", "FailureTarget", "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"],
];

function validateConditions(job: Job, old: Job): FieldError[] {
  const changed = (type: JobConditionType): boolean => jobIs(job, type) !== jobIs(old, type);
  const errors = exclusive
    .filter(([left, right]) => jobIs(job, left) && jobIs(job, right) && (changed(left) || changed(right)))
    .map(([, , detail]) => invalidTogether(conditionsPath, detail));
  if (jobIs(job, "Failed") && changed("Failed") && !jobIs(job, "FailureTarget")) {
    errors.push(invalidTogether(conditionsPath, "cannot set Failed=True condition without the FailureTarget=true condition"));
  }
  if (jobIs(job, "Complete") && changed("Complete") && !jobIs(job, "SuccessCriteriaMet")) {
    errors.push(invalidTogether(conditionsPath, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"));
  }
  for (const type of ["Failed", "Complete", "FailureTarget"] as const) {
    if (jobIs(old, type) && !jobIs(job, type)) errors.push(invalidTogether(conditionsPath, `cannot disable the terminal ${type}=True condition`));
  }
  if (jobIs(old, "SuccessCriteriaMet") && !jobIs(job, "SuccessCriteriaMet")) {
    errors.push(invalidTogether(conditionsPath, "cannot disable the SuccessCriteriaMet=True condition"));
  }
  if (jobIs(old, "Complete") && !jobIs(old, "SuccessCriteriaMet") && jobIs(job, "SuccessCriteriaMet")) {
    errors.push(invalidTogether(conditionsPath, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"));
  }
  return errors;
}

function validateTimes(job: Job, old: Job): FieldError[] {
  const [{ startTime, completionTime }, before] = [job.status, old.status];
  const [startChanged, completionChanged] = [startTime !== before.startTime, completionTime !== before.completionTime];
  const completed = jobIs(job, "Complete");
  const completeChanged = completed !== jobIs(old, "Complete");
  const at = path.child("completionTime");
  const errors: FieldError[] = [];
  if (completeChanged || completionChanged) {
    if (completionTime !== undefined && !completed) {
      errors.push(invalidValue(at, completionTime, "cannot set completionTime when there is no Complete=True condition"));
    }
    if (completionTime === undefined && completed) errors.push(requiredValue(at, "completionTime is required for Complete jobs"));
  }
  if ((startChanged || completionChanged) && isBefore(completionTime, startTime)) {
    errors.push(invalidValue(at, completionTime, "must be equal to or after `startTime`"));
  }
  if (completionTime !== undefined && before.completionTime !== undefined && completionChanged) {
    errors.push(invalidValue(at, completionTime, immutableDetail));
  }
  // A job that goes on after it was suspended begins anew.
  if (startChanged && before.startTime !== undefined && !job.spec.suspend && !jobIs(old, "Suspended")) {
    errors.push(requiredValue(path.child("startTime"), "startTime cannot be removed for unsuspended job"));
  }
  return errors;
}

function isBefore(time: string | undefined, other: string | undefined): boolean {
  return (parseTime(time ?? "") ?? Number.POSITIVE_INFINITY) < (parseTime(other ?? "") ?? Number.NEGATIVE_INFINITY);
}

/** What has to be over when a job is. */
function validateEnd(job: Job, old: Job): FieldError[] {
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = job.status;
  if (!isJobFinished(job)) return [];
  const justFinished = !isJobFinished(old);
  const changed = (name: keyof Job["status"]): boolean => justFinished || !semanticallyEqual(job.status[name], old.status[name]);
  const pending = [...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])];
  return [
    ...(active > 0 && changed("active") ? [invalidValue(path.child("active"), active, "active>0 is invalid for finished job")] : []),
    ...(startTime === undefined && changed("startTime") ? [requiredValue(path.child("startTime"), "startTime is required for finished job")] : []),
    ...(pending.length > 0 && changed("uncountedTerminatedPods")
      ? [invalidValue(path.child("uncountedTerminatedPods"), uncounted, "must be empty for finished job")] : []),
    ...(terminating > 0 && changed("terminating")
      ? [invalidValue(path.child("terminating"), terminating, "terminating>0 is invalid for finished job")] : []),
  ];
}

function validateIndexes(job: Job, old: Job): FieldError[] {
  const { completions, completionMode, backoffLimitPerIndex } = job.spec;
  const { completedIndexes = "", failedIndexes } = job.status;
  const [completedChanged, failedChanged] = [completedIndexes !== (old.status.completedIndexes ?? ""), failedIndexes !== old.status.failedIndexes];
  const [completedPath, failedPath] = [path.child("completedIndexes"), path.child("failedIndexes")];
  const errors: FieldError[] = [];
  if (completedChanged && completedIndexes !== "" && completionMode !== "Indexed") {
    errors.push(invalidValue(completedPath, completedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode"));
  }
  if (failedChanged && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(invalidValue(failedPath, failedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null"));
  }
  if (completions === undefined) return errors;
  const completed = checkIndexes(completedIndexes, completions, "completedIndexes", completedPath);
  const failed = checkIndexes(backoffLimitPerIndex === undefined ? "" : (failedIndexes ?? ""), completions, "failedIndexes", failedPath);
  if (completedChanged) errors.push(...completed.errors);
  if (failedChanged) errors.push(...failed.errors);
  const common = commonIndexes(completed.intervals, failed.intervals)[0]?.[0];
  if (common !== undefined && (completedChanged || failedChanged)) {
    errors.push(invalidValue(failedPath, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`));
  }
  return errors;
}

/** Counters go up; only an indexed job that was made smaller has fewer successes than before. */
function validateCounters({ spec, status }: Job, { status: old }: Job): FieldError[] {
  const [ready, active] = [status.ready ?? 0, status.active ?? 0];
  const mayShrink = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  const checkCounter = (name: "failed" | "succeeded"): FieldError[] => {
    const [count, before] = [status[name] ?? 0, old[name] ?? 0];
    return count < before ? [invalidValue(path.child(name), count, `cannot decrease the ${name} counter`)] : [];
  };
  return [
    ...(ready > active && !equal([status.ready, status.active], [old.ready, old.active])
      ? [invalidValue(path.child("ready"), ready, "cannot set more ready pods than active")] : []),
    ...checkCounter("failed"),
    ...(mayShrink ? [] : checkCounter("succeeded")),
  ];
}
