import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { pino } from "pino";

/** What components are given to log with. */
export interface Log {
  (message: string, error?: Error): void;
}

export interface Logging {
  of(component: string): Log;
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

interface Line {
  readonly level: string;
  readonly time: string;
  readonly component: string;
  readonly msg: string;
  readonly err?: { readonly message: string; readonly stack?: string };
}

/** A logged line for people; `undefined` where it is of another component. */
export function readableLine(line: string, component: string | undefined): string | undefined {
  let entry: Line;
  try {
    entry = JSON.parse(line) as Line;
  } catch {
    return component === undefined ? line : undefined;
  }
  if (component !== undefined && entry.component !== component) return undefined;
  const error = entry.err === undefined ? "" : `: ${entry.err.message}`;
  return `${entry.time} ${entry.level.toUpperCase().padEnd(5)} ${entry.component}: ${entry.msg}${error}`;
}
