/** Lengths of time as meta/v1 Duration writes them: `1h30m0s`, `1.5s`, `250ms`. In memory they are milliseconds. */

const units = new Map([["ns", 1e-6], ["us", 1e-3], ["µs", 1e-3], ["μs", 1e-3], ["ms", 1], ["s", 1000], ["m", 60_000], ["h", 3_600_000]]);

/** Milliseconds, or `undefined` when the text is no duration. A bare `0` is one; any other bare number is not. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.{1,100})$/.exec(text);
  if (match === null) return undefined;
  const unsigned = match[2] ?? "";
  if (unsigned === "0") return 0;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0;
  while (part.lastIndex < unsigned.length) {
    const found = part.exec(unsigned);
    if (found === null) return undefined;
    total += Number(found[1]) * (units.get(found[2] ?? "") ?? 0);
  }
  return match[1] === "-" ? -total : total;
}

/** The text that Go gives a duration: `1h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? "-" : "";
  const nanos = Math.round(Math.abs(milliseconds) * 1e6);
  if (nanos === 0) return "0s";
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`;
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`;
  const minutes = Math.floor(nanos / 60e9);
  const seconds = `${(nanos - minutes * 60e9) / 1e9}s`;
  if (minutes === 0) return `${sign}${seconds}`;
  return minutes < 60 ? `${sign}${minutes}m${seconds}` : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
