import type { CronJob } from "#api/batch/cron-job.ts";
import { nextTime } from "#machinery/cron-next.ts";
import { CronError, type CronSchedule, parseCron, splitZone } from "#machinery/cron-schedule.ts";
import { parseTime } from "#machinery/time.ts";
import { type TimeZone, timeZone, utc } from "#machinery/time-zone.ts";

/** A cron job's timetable, where it is. */
export interface Timetable {
  readonly schedule: CronSchedule;
  readonly zone: TimeZone;
}

/** What is wrong with a timetable, as an event tells it. */
export interface Fault {
  readonly reason: string;
  readonly message: string;
}

/** A controller's own zone is UTC, so that its timetables do not depend on where it runs. */
export function timetableOf({ spec }: CronJob): Timetable | Fault {
  const { zone: zoneInSchedule, schedule } = splitZone(spec.schedule);
  const name = spec.timeZone ?? zoneInSchedule;
  const zone = name === undefined ? utc : timeZone(name);
  if (!zone) return { reason: "UnknownTimeZone", message: `invalid timeZone: ${JSON.stringify(name)}: unknown time zone ${name}` };
  try {
    return { schedule: parseCron(schedule), zone };
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return { reason: "UnparseableSchedule", message: `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${error.message}` };
  }
}

export interface Missed {
  /** The last time that the timetable named, in milliseconds since 1970; `undefined` where there was none since the last start. */
  readonly last: number | undefined;
  /** About how many there were, the last one included. */
  readonly count: number;
}

/** Times at which a job should have been started and was not. @param withDeadline those that are too late do not count */
export function missedTimes(cronJob: CronJob, { schedule, zone }: Timetable, now: number, withDeadline: boolean): Missed {
  const from = startingPoint(cronJob, now, withDeadline);
  const first = nextTime(schedule, from, zone);
  if (first === undefined || now < first) return { last: undefined, count: 0 };
  const second = nextTime(schedule, first, zone);
  if (second === undefined || now < second) return { last: first, count: 1 };
  // Were all intervals like the first one, so many would have been missed; from shortly before there, the last one is found exactly.
  const interval = second - first;
  const count = Math.floor((now - first) / interval) + 1;
  let last = first;
  let time = nextTime(schedule, first + (count - 2) * interval, zone);
  for (; time !== undefined && time <= now; time = nextTime(schedule, time, zone)) last = time;
  return { last, count };
}

/** Milliseconds until the timetable's next time; `undefined` where there is none. */
export function untilNext(cronJob: CronJob, timetable: Timetable, now: number): number | undefined {
  const { count } = missedTimes(cronJob, timetable, now, false);
  const next = nextTime(timetable.schedule, count === 0 ? startingPoint(cronJob, now, false) : now, timetable.zone);
  // A little later, so that the time has come for certain.
  return next === undefined ? undefined : Math.max(0, next - now) + 100;
}

function startingPoint({ metadata, spec, status }: CronJob, now: number, withDeadline: boolean): number {
  const from = parseTime(status.lastScheduleTime ?? metadata.creationTimestamp) ?? now;
  const deadline = spec.startingDeadlineSeconds;
  return withDeadline && deadline !== undefined ? Math.max(from, now - deadline * 1000) : from;
}
