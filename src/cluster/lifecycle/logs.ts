import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ClusterRecord } from "../clusters.ts";
import { readableLine } from "../logging.ts";
import { clusterPaths } from "../paths.ts";
import { SetupError } from "../setup/setup-error.ts";

export interface LogOptions {
  /** Process or component, such as `node-1` or `scheduler`; all when absent. */
  readonly component?: string;
  readonly follow: boolean;
  /** So many lines of each file at first. */
  readonly lines: number;
}

/** Prints what the cluster's processes logged, readable, until it ends or the user breaks it off. */
export async function printLogs(record: ClusterRecord, options: LogOptions, print: (line: string) => void): Promise<void> {
  const directory = clusterPaths(record.dataDirectory).processes;
  const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith(".log")) : [];
  if (files.length === 0) throw new SetupError(`cluster ${record.name} has not logged anything yet: start it with \`knarr up\``);
  const own = files.filter((file) => file === `${options.component}.log`);
  const read = own.length > 0 ? own : files;
  const component = own.length > 0 ? undefined : options.component;
  const tail = ["-q", "-n", String(options.lines), ...(options.follow ? ["-F"] : []), ...read.map((file) => path.join(directory, file))];
  const child = spawn("tail", tail, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const readable = readableLine(line, component);
    if (readable !== undefined) print(readable);
  }
}
