/** A time zone of the IANA database, by its name. */
export interface TimeZone {
  readonly name: string;
  /** Milliseconds to add to a point in time (milliseconds since 1970) for the clock on the wall, taken as UTC. */
  offsetAt(time: number): number;
}

export const utc: TimeZone = { name: "UTC", offsetAt: () => 0 };

const zones = new Map<string, TimeZone>();
/** Names come from outside; more than there are zones is never asked for in earnest. */
const mostZones = 1000;

/** `undefined` where there is no zone of that name. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === "UTC" || name === "") return utc;
  const known = zones.get(name);
  if (known) return known;
  // A name, not an offset such as +01, which Intl would take as well.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  const made = makeZone(name);
  if (made && zones.size < mostZones) zones.set(name, made);
  return made;
}

function makeZone(name: string): TimeZone | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: name, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    return { name, offsetAt: (time) => offsetAt(format, time) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function offsetAt(format: Intl.DateTimeFormat, time: number): number {
  const seconds = Math.floor(time / 1000) * 1000;
  const parts: { [type: string]: number } = {};
  for (const { type, value } of format.formatToParts(seconds)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}

/**
 * The point in time at which a clock on the wall shows `local` (as if it were UTC). Of two, the first; one that is skipped is taken by the
 * offset before the gap (Go's time.Date).
 */
export function timeOfLocal(zone: TimeZone, local: number): number {
  const before = local - zone.offsetAt(local - 86_400_000);
  if (before + zone.offsetAt(before) === local) return before;
  const after = local - zone.offsetAt(local + 86_400_000);
  return after + zone.offsetAt(after) === local ? after : before;
}
