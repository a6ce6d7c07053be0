import type { CronField, CronSchedule } from "./cron-schedule.ts";
import { type TimeZone, timeOfLocal } from "./time-zone.ts";

const second = 1000;
const minute = 60_000;
const hour = 3_600_000;
/** A day that never comes (30 February) is looked for so many years. */
const mostYears = 5;

/**
 * The first time after `after` that the timetable names, in milliseconds since 1970; `undefined` where there is none. Hours are walked through
 * in real time, as robfig/cron does: what lies in the hour that daylight saving skips does not happen, what lies in the one that it repeats
 * happens twice.
 */
export function nextTime(schedule: CronSchedule, after: number, zone: TimeZone): number | undefined {
  if (schedule.is === "every") return Math.floor(after / second) * second + schedule.milliseconds;
  const { minutes, hours, days, months, weekdays } = schedule;
  const local = (time: number): Date => new Date(time + zone.offsetAt(time));
  const midnight = (year: number, month: number, day: number): number => timeOfLocal(zone, Date.UTC(year, month, day));
  let time = (Math.floor(after / second) + 1) * second;
  const lastYear = local(time).getUTCFullYear() + mostYears;
  for (;;) {
    const now = local(time);
    const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
    if (year > lastYear) return undefined;
    if (!months.values.has(month + 1)) time = midnight(year, month + 1, 1);
    else if (!isDay(days, weekdays, day, now.getUTCDay())) time = midnight(year, month, day + 1);
    else if (!hours.values.has(now.getUTCHours())) time += hour - (now.getTime() % hour);
    else if (!minutes.values.has(now.getUTCMinutes())) time += minute - (now.getTime() % minute);
    else if (now.getUTCSeconds() !== 0) time += minute - (now.getTime() % minute);
    else return time;
  }
}

/** Where both sorts of days restrict, either is enough (crontab(5)). */
function isDay(days: CronField, weekdays: CronField, day: number, weekday: number): boolean {
  const [matchesDay, matchesWeekday] = [days.values.has(day), weekdays.values.has(weekday)];
  return days.isStar || weekdays.isStar ? matchesDay && matchesWeekday : matchesDay || matchesWeekday;
}
