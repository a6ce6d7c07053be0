import { declare, type FunctionDeclaration, member } from "../../types/declarations.ts";
import { durationType, intType, stringType, timestampType } from "../../types/type.ts";
import { type Int, intOf } from "../../values/numbers.ts";
import { type Duration, split, type Timestamp } from "../../values/time.ts";
import { EvaluationError } from "../../values/value.ts";

/** What a clock and a calendar on the wall show; months and days count from 0 but for `getDate`. */
interface WallTime {
  /** As a date in UTC. */
  readonly date: Date;
  readonly millisecond: number;
}

/** The parts of timestamps, in UTC or in a time zone, and of durations (CEL specification, "Standard definitions"). */
export const moments: readonly FunctionDeclaration[] = [
  part("getFullYear", "year", ({ date }) => date.getUTCFullYear()),
  part("getMonth", "month", ({ date }) => date.getUTCMonth()),
  part("getDayOfYear", "day_of_year", ({ date }) => dayNumber(date.getTime()) - dayNumber(new Date(date).setUTCMonth(0, 1))),
  part("getDayOfMonth", "day_of_month", ({ date }) => date.getUTCDate() - 1),
  part("getDate", "day_of_month_1_based", ({ date }) => date.getUTCDate()),
  part("getDayOfWeek", "day_of_week", ({ date }) => date.getUTCDay()),
  part("getHours", "hours", ({ date }) => date.getUTCHours(), 3_600_000_000_000n),
  part("getMinutes", "minutes", ({ date }) => date.getUTCMinutes(), 60_000_000_000n),
  part("getSeconds", "seconds", ({ date }) => date.getUTCSeconds(), 1_000_000_000n),
  part("getMilliseconds", "milliseconds", ({ millisecond }) => millisecond, 1_000_000n),
];

/** @param unit in nanoseconds: how often it goes into a duration, where durations have such a part */
function part(name: string, id: string, read: (time: WallTime) => number, unit?: bigint): FunctionDeclaration {
  const zoned = `timestamp_to_${id}${id === "seconds" ? "_tz" : "_with_tz"}`;
  const whole = (duration: Duration): Int => intOf(duration.nanos / (unit ?? 1n));
  return declare(name,
    member(`timestamp_to_${id}`, [timestampType], intType, (time: Timestamp) => read(wallTime(time, 0))),
    member(zoned, [timestampType, stringType], intType, (time: Timestamp, zone: string) => read(wallTime(time, offsetOf(zone, time)))),
    ...(unit === undefined ? [] : [member(`duration_to_${id}`, [durationType], intType, whole)]));
}

/** @param offset seconds east of UTC */
function wallTime({ nanos }: Timestamp, offset: number): WallTime {
  const { seconds, rest } = split(nanos);
  return { date: new Date((Number(seconds) + offset) * 1000), millisecond: Number(rest / 1_000_000n) };
}

/** Days since 1970. */
function dayNumber(milliseconds: number): number {
  return Math.floor(milliseconds / 86_400_000);
}

/** Seconds east of UTC of a zone such as `Europe/Oslo`, `+02:00` or `-03:30` at that time. */
function offsetOf(zone: string, { nanos }: Timestamp): number {
  const fixed = /^([+-]?)(\d{1,2}):([+-]?\d{1,2})$/.exec(zone);
  if (fixed !== null) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
  if (zone === "" || zone === "UTC") return 0;
  const milliseconds = Number(split(nanos).seconds) * 1000;
  const shown = new Map(formatter(zone).formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const wall = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return (wall - milliseconds) / 1000;
}

function formatter(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}
