import { durationType, timestampType, type Type } from "../types/type.ts";
import { ValueObject } from "./value-object.ts";

/** A point in time, in nanoseconds since 1970-01-01 UTC; from the year 1 to the year 9999. */
export class Timestamp extends ValueObject {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  get type(): Type {
    return timestampType;
  }
}

/** A length of time in nanoseconds; 64 bits, about 292 years. */
export class Duration extends ValueObject {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  get type(): Type {
    return durationType;
  }
}

const second = 1_000_000_000n;
const first = -62_135_596_800n * second;
const last = 253_402_300_799n * second + second - 1n;

/** `undefined` outside of the years 1 to 9999. */
export function timestampOf(nanos: bigint): Timestamp | undefined {
  return nanos < first || nanos > last ? undefined : new Timestamp(nanos);
}

/** `undefined` beyond 64 bits. */
export function durationOf(nanos: bigint): Duration | undefined {
  return nanos === BigInt.asIntN(64, nanos) ? new Duration(nanos) : undefined;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,30}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads an RFC 3339 time, or a date alone (RFC 3339 `full-date`, at midnight UTC) when `dates` are allowed. */
export function parseTimestamp(text: string, dates = false): Timestamp | undefined {
  const match = rfc3339.exec(dates && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, seconds] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || seconds > 59) return undefined;
  const offset = (match[8] === "-" ? -1 : 1) * (Number(match[9] ?? 0) * 3600 + Number(match[10] ?? 0) * 60);
  const whole = BigInt(date.getTime() / 1000 + hour * 3600 + minute * 60 + seconds - offset);
  return timestampOf(whole * second + BigInt((match[7] ?? "").slice(0, 9).padEnd(9, "0")));
}

/** RFC 3339 in UTC, with as many digits of a second as are not zero. */
export function formatTimestamp({ nanos }: Timestamp): string {
  const { seconds, rest } = split(nanos);
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  return `${new Date(Number(seconds) * 1000).toISOString().replace(/^\+00/, "").slice(0, 19)}${fraction}Z`;
}

/** Whole seconds (rounded down) and the nanoseconds beyond them. */
export function split(nanos: bigint): { readonly seconds: bigint; readonly rest: bigint } {
  const rest = ((nanos % second) + second) % second;
  return { seconds: (nanos - rest) / second, rest };
}

const units = new Map([
  ["ns", 1n], ["us", 1000n], ["µs", 1000n], ["μs", 1000n], ["ms", 1_000_000n], ["s", second], ["m", 60n * second], ["h", 3600n * second],
]);

/** Reads a duration as Go does: `1h30m`, `-1.5s`, `0`. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([+-]?)(.{1,100})$/.exec(text);
  const unsigned = match?.[2] ?? "";
  if (match === null) return undefined;
  if (unsigned === "0") return new Duration(0n);
  const part = /(\d{0,40})(?:\.(\d{0,40}))?(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0n;
  while (part.lastIndex < unsigned.length) {
    const found = part.exec(unsigned);
    const [, whole = "", fraction = "", unit = ""] = found ?? [];
    if (found === null || whole + fraction === "") return undefined;
    total += (BigInt(whole + fraction) * (units.get(unit) ?? 0n)) / 10n ** BigInt(fraction.length);
  }
  return durationOf(match[1] === "-" ? -total : total);
}

/** Seconds, as `string(duration)` writes them: `1.5s`. */
export function formatSeconds({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = String(magnitude % second).padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${magnitude / second}${fraction === "" ? "" : `.${fraction}`}s`;
}
