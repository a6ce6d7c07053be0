import { CronError, parseCron, splitZone } from "#machinery/cron-schedule.ts";
import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { maximumLengthProblem } from "#machinery/names.ts";
import { timeZone as findTimeZone } from "#machinery/time-zone.ts";
import type { CronJob, CronJobSpec } from "../../generated/batch-v1.ts";
import { checkNonNegative } from "../../field-checks.ts";
import { validateJobSpec } from "./job-spec.ts";

const specPath = fieldPath("spec");
const schedulePath = specPath.child("schedule");
/** Names of jobs end in a dash and the time, in ten digits. */
const longestName = 63 - 11;
const policies = ["Allow", "Forbid", "Replace"];

/** What holds whenever it is written; what depends on what was there before stands below. */
export function validateCronJob({ spec }: CronJob): FieldError[] {
  const path = specPath.child("jobTemplate", "spec");
  const { selector, manualSelector } = spec.jobTemplate.spec;
  return [
    ...validateSchedule(spec.schedule),
    ...checkNonNegative(spec.startingDeadlineSeconds, specPath.child("startingDeadlineSeconds")),
    ...(policies.includes(spec.concurrencyPolicy) ? [] : [notSupportedValue(specPath.child("concurrencyPolicy"), spec.concurrencyPolicy, policies)]),
    ...validateJobSpec(spec.jobTemplate.spec, path),
    ...(selector === undefined ? [] : [invalidValue(path.child("selector"), selector, "`selector` will be auto-generated")]),
    ...(manualSelector === true ? [notSupportedValue(path.child("manualSelector"), true, ["nil", "false"])] : []),
    ...checkNonNegative(spec.successfulJobsHistoryLimit, specPath.child("successfulJobsHistoryLimit")),
    ...checkNonNegative(spec.failedJobsHistoryLimit, specPath.child("failedJobsHistoryLimit")),
  ];
}

export function validateNewCronJob({ metadata: { name }, spec }: CronJob): FieldError[] {
  return [
    ...(name.length > longestName ? [invalidValue(fieldPath("metadata", "name"), name, maximumLengthProblem(longestName))] : []),
    ...validateZoneInSchedule(spec, undefined),
    ...validateTimeZone(spec.timeZone, specPath.child("timeZone")),
  ];
}

export function validateCronJobUpdate({ spec }: CronJob, { spec: old }: CronJob): FieldError[] {
  const zone = spec.timeZone === old.timeZone ? [] : validateTimeZone(spec.timeZone, specPath.child("timeZone"));
  return [...validateZoneInSchedule(spec, old), ...zone];
}

function validateSchedule(schedule: string): FieldError[] {
  if (schedule === "") return [requiredValue(schedulePath)];
  const { zone } = splitZone(schedule);
  if (zone !== undefined && !findTimeZone(zone)) {
    return [invalidValue(schedulePath, schedule, `provided bad location ${zone}: unknown time zone ${zone}`)];
  }
  try {
    parseCron(schedule);
    return [];
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return [invalidValue(schedulePath, schedule, error.message)];
  }
}

/** Older objects may go on to have their time zone in the schedule. */
function validateZoneInSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  if (!schedule.includes("TZ")) return [];
  const mayStay = old?.schedule.includes("TZ") === true;
  if (!mayStay) return [invalidValue(schedulePath, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")];
  return timeZone === undefined ? [] : [invalidValue(schedulePath, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")];
}

/** Parts of a name as the IANA database has them; digits and `+` in older ones. */
const zonePart = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

function validateTimeZone(zone: string | undefined, path: FieldPath): FieldError[] {
  if (zone === undefined) return [];
  if (zone === "") return [invalidValue(path, zone, "timeZone must be nil or non-empty string")];
  const isName = zone.split("/").every((part) => part !== "." && part !== ".." && zonePart.test(part));
  if (!isName) return [invalidValue(path, zone, `unknown time zone ${zone}`)];
  if (zone.toLowerCase() === "local") {
    return [invalidValue(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")];
  }
  return findTimeZone(zone) ? [] : [invalidValue(path, zone, `unknown time zone ${zone}`)];
}
