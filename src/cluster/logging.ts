import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { pino } from "pino";

/** What components are given to log with. */
export interface Log {
  (message: string, error?: Error): void;
}

/** All that log, whether or not they have had anything to say yet. */
export const components = [
  "apiserver", "containerd", "control-plane", "controller-manager", "dns", "kube-proxy", "kubelet", "metrics-server", "scheduler",
] as const;

export interface Logging {
  of(component: (typeof components)[number]): Log;
}

const largestFileBytes = 10 * 1024 * 1024;
const filesKept = 3;

/**
 * One JSON object a line, in a file that is put aside when it grows large; the oldest is dropped. Errors carry their stack.
 * @param name of the process
 */
export function logTo(directory: string, name: string): Logging {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, `${name}.log`);
  let bytes = existsSync(file) ? statSync(file).size : 0;
  const sink = {
    write(line: string): void {
      if (bytes > largestFileBytes) {
        rotate(file);
        bytes = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      bytes += Buffer.byteLength(line);
    },
  };
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, sink);
  return {
    of: (component) => {
      const child = logger.child({ component });
      return (message, error) => (error ? child.warn({ err: error }, message) : child.info(message));
    },
  };
}

function rotate(file: string): void {
  for (let number = filesKept - 1; number > 0; number--) {
    const older = number === 1 ? file : `${file}.${number - 1}`;
    if (existsSync(older)) renameSync(older, `${file}.${number}`);
  }
}

/** A line of a log. One that a crash cut short is a message alone. */
export interface LoggedLine {
  readonly level: string;
  /** As RFC 3339 has it, in UTC: comparable as text. */
  readonly time: string;
  readonly component: string;
  readonly msg: string;
  readonly err?: { readonly message: string; readonly stack?: string };
}

export function parseLine(text: string): LoggedLine {
  try {
    return JSON.parse(text) as LoggedLine;
  } catch {
    return { level: "", time: "", component: "", msg: text };
  }
}

/** A logged line for people. */
export function readableLine({ level, time, component, msg, err }: LoggedLine): string {
  if (component === "") return msg;
  return `${time} ${level.toUpperCase().padEnd(5)} ${component}: ${msg}${err === undefined ? "" : `: ${err.message}`}`;
}
