/**
 * Points in time as the API writes them (RFC 3339): `Time` in seconds, `2026-01-02T03:04:05Z`, and `MicroTime` in microseconds,
 * `2026-01-02T03:04:05.000006Z`. In memory they are milliseconds, or microseconds, since 1970-01-01 UTC.
 */

/** @param milliseconds since 1970; what is finer than a second is cut off */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== latest.second) latest = { second, text: `${new Date(second * 1000).toISOString().slice(0, -5)}Z` };
  return latest.text;
}

/** What a busy server writes within one second bears one time. */
let latest = { second: Number.NaN, text: "" };

/** @param instant microseconds since 1970; what is finer is cut off */
export function formatMicroTime(instant: number): string {
  const microseconds = Math.floor(instant);
  const fraction = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000;
  return `${formatTime((microseconds - fraction) / 1000).slice(0, -1)}.${String(fraction).padStart(6, "0")}Z`;
}

/** Milliseconds since 1970, or `undefined` when the text is no RFC 3339 time. */
export function parseTime(text: string): number | undefined {
  const micros = parseMicroTime(text);
  return micros === undefined ? undefined : Math.floor(micros / 1000);
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,30}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Microseconds since 1970, or `undefined` when the text is no RFC 3339 time. Finer digits are cut off. */
export function parseMicroTime(text: string): number | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return undefined;
  if (offsetHours > 24 || offsetMinutes > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  const offset = (match[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  const micros = Number((match[7] ?? "").slice(0, 6).padEnd(6, "0"));
  return (date.getTime() - offset) * 1000 + micros;
}

/** Rewrites a time as the API shows it: UTC, in seconds. `undefined` when it is none. */
export function canonicalTime(text: string): string | undefined {
  const time = parseTime(text);
  return time === undefined ? undefined : formatTime(time);
}

/** Rewrites a time as the API shows it: UTC, in microseconds. `undefined` when it is none. */
export function canonicalMicroTime(text: string): string | undefined {
  const time = parseMicroTime(text);
  return time === undefined ? undefined : formatMicroTime(time);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
