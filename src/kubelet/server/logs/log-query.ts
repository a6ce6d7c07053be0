import { badRequest, StatusError } from "#machinery/status-error.ts";
import { parseTime } from "#machinery/time.ts";
import type { LogEntry } from "../log-format.ts";

/** Which part of a container's log is wanted, and how it is to be shown (API reference: PodLogOptions). */
export interface LogQuery {
  readonly follow: boolean;
  /** Of the instance before this one. */
  readonly previous: boolean;
  /** Each line begins with its time. */
  readonly timestamps: boolean;
  /** Only what is not older than this, in milliseconds since 1970. */
  readonly since?: number;
  /** Only so many lines from the end. */
  readonly tailLines?: number;
  /** No more than this in all. */
  readonly limitBytes?: number;
  readonly stream?: LogEntry["stream"];
}

const streams: { readonly [name: string]: LogEntry["stream"] | undefined } = { All: undefined, Stdout: "stdout", Stderr: "stderr" };

/** @param now in milliseconds @throws StatusError (400, 422) */
export function parseLogQuery(query: URLSearchParams, now: number): LogQuery {
  const sinceSeconds = count(query, "sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  const since = sinceTime ? parseTime(sinceTime) : sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000;
  if (sinceTime && since === undefined) throw badRequest(`sinceTime: "${sinceTime}" is no RFC 3339 time`);
  const stream = query.get("stream") || "All";
  if (!Object.hasOwn(streams, stream)) throw refused(`stream: Unsupported value: "${stream}": supported values: "All", "Stderr", "Stdout"`);
  return {
    follow: flag(query, "follow"), previous: flag(query, "previous"), timestamps: flag(query, "timestamps"),
    since, stream: streams[stream], tailLines: count(query, "tailLines", 0), limitBytes: count(query, "limitBytes", 1),
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "false" && value !== "0";
}

function count(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const number = /^-?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw badRequest(`${name}: "${text}" is no number`);
  if (number < least) throw refused(`${name}: Invalid value: ${number}: must be greater than or equal to ${least}`);
  return number;
}

function refused(message: string): StatusError {
  return new StatusError({ code: 422, reason: "Invalid", message });
}
