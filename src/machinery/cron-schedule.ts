import { parseDuration } from "./duration.ts";

/**
 * A timetable in the notation of cron (crontab(5)): minute, hour, day of the month, month and day of the week, or `@daily` and the like,
 * or `@every 90s`. Errors, ranges and the way in which the two sorts of days combine are those of robfig/cron, which upstream reads by.
 */
export type CronSchedule =
  | {
    readonly is: "fields"; readonly minutes: CronField; readonly hours: CronField;
    readonly days: CronField; readonly months: CronField; readonly weekdays: CronField;
  }
  | { readonly is: "every"; readonly milliseconds: number };

export interface CronField {
  readonly values: ReadonlySet<number>;
  /** Written as `*` or `?`: every value counts, and of days only the other sort restricts. */
  readonly isStar: boolean;
}

/** A text is no timetable. The messages are those that clients know. */
export class CronError extends Error {
  override readonly name = "CronError";
}

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const minutes: Bounds = { minimum: 0, maximum: 59 };
const hours: Bounds = { minimum: 0, maximum: 23 };
const days: Bounds = { minimum: 1, maximum: 31 };
const months: Bounds = {
  minimum: 1, maximum: 12, names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const weekdays: Bounds = { minimum: 0, maximum: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

const descriptors: { readonly [name: string]: string } = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};

/** A schedule that begins with its time zone, which only old objects may have. */
const zonePrefix = /^(?:CRON_)?TZ=(\S*)\s+/;

/** The time zone that stands in front of a schedule, and the rest. */
export function splitZone(text: string): { readonly zone: string | undefined; readonly schedule: string } {
  const found = zonePrefix.exec(text);
  return found ? { zone: found[1], schedule: text.slice(found[0].length) } : { zone: undefined, schedule: text };
}

/** @throws CronError */
export function parseCron(text: string): CronSchedule {
  if (text === "") throw new CronError("empty spec string");
  const { schedule } = splitZone(text);
  if (schedule.startsWith("@every ")) return every(schedule);
  const spelled = schedule.startsWith("@") ? descriptors[schedule] : schedule;
  if (spelled === undefined) throw new CronError(`unrecognized descriptor: ${schedule}`);
  const fields = spelled.split(/\s+/).filter((field) => field !== "");
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`);
  }
  return {
    is: "fields", minutes: parseField(minute, minutes), hours: parseField(hour, hours), days: parseField(day, days),
    months: parseField(month, months), weekdays: parseField(weekday, weekdays),
  };
}

/** Whole seconds, and at least one. */
function every(schedule: string): CronSchedule {
  const milliseconds = parseDuration(schedule.slice("@every ".length));
  if (milliseconds === undefined) {
    const duration = JSON.stringify(schedule.slice("@every ".length));
    throw new CronError(`failed to parse duration ${schedule}: time: invalid duration ${duration}`);
  }
  return { is: "every", milliseconds: Math.max(1000, Math.floor(milliseconds / 1000) * 1000) };
}

function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let isStar = false;
  for (const expression of text.split(",").filter((part) => part !== "")) {
    const range = parseRange(expression, bounds);
    isStar ||= range.isStar;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return { values, isStar };
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly isStar: boolean;
}

/** `*`, `5`, `1-5`, and each of them with `/step`; `5/2` is `5-maximum/2`. */
function parseRange(expression: string, bounds: Bounds): Range {
  const [range = "", stepText, ...more] = expression.split("/");
  if (more.length > 0) throw new CronError(`too many slashes: ${expression}`);
  const [firstText = "", lastText, ...others] = range.split("-");
  const isStar = firstText === "*" || firstText === "?";
  if (others.length > 0 && !isStar) throw new CronError(`too many hyphens: ${expression}`);
  const step = stepText === undefined ? 1 : parseInteger(stepText, expression);
  const first = isStar ? bounds.minimum : parseValue(firstText, bounds, expression);
  const openEnd = stepText === undefined ? first : bounds.maximum;
  const last = isStar ? bounds.maximum : lastText === undefined ? openEnd : parseValue(lastText, bounds, expression);
  if (first < bounds.minimum) throw new CronError(`beginning of range (${first}) below minimum (${bounds.minimum}): ${expression}`);
  if (last > bounds.maximum) throw new CronError(`end of range (${last}) above maximum (${bounds.maximum}): ${expression}`);
  if (first > last) throw new CronError(`beginning of range (${first}) beyond end of range (${last}): ${expression}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${expression}`);
  return { first, last, step, isStar: isStar && step === 1 };
}

function parseValue(text: string, { names }: Bounds, expression: string): number {
  const named = text === "" ? -1 : (names?.indexOf(text.toLowerCase()) ?? -1);
  return named >= 0 ? named : parseInteger(text, expression);
}

function parseInteger(text: string, expression: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) {
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${expression}`);
  return value;
}
