import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ClusterRecord } from "../clusters.ts";
import { components, type LoggedLine, parseLine, readableLine } from "../logging.ts";
import { clusterPaths } from "../paths.ts";
import { SetupError } from "../setup/setup-error.ts";

export interface LogOptions {
  /** Process or component, such as `node-1` or `scheduler`; all when absent. */
  readonly component?: string;
  readonly follow: boolean;
  /** So many of the last lines at first. */
  readonly lines: number;
}

/** What one process has logged so far. */
interface LogFile {
  readonly path: string;
  readonly process: string;
  readonly bytes: number;
  readonly lines: readonly LoggedLine[];
}

/**
 * Prints what the cluster's processes logged, readable and in order of time, until it ends or the user breaks it off.
 * @throws SetupError where nothing of that name logs
 */
export async function printLogs(record: ClusterRecord, options: LogOptions, print: (line: string) => void): Promise<void> {
  const { component } = options;
  const files = readLogs(clusterPaths(record.dataDirectory).processes);
  if (files.length === 0) throw new SetupError(`cluster ${record.name} has not logged anything yet: start it with \`knarr up\``);
  if (component !== undefined) refuseUnknown(component, files);
  const isWanted = (process: string, line: LoggedLine): boolean => component === undefined || component === process || component === line.component;
  const lines = files.flatMap(({ process, lines: own }) => own.filter((line) => isWanted(process, line)));
  for (const line of lastLines(lines, options.lines)) print(readableLine(line));
  if (!options.follow) return;
  await Promise.all(files.map((file) => follow(file, (line) => {
    if (isWanted(file.process, line)) print(readableLine(line));
  })));
}

/** The last `count` lines by time; lines of the same time stay in their order. */
export function lastLines(lines: readonly LoggedLine[], count: number): readonly LoggedLine[] {
  const ordered = lines.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return ordered.slice(Math.max(0, ordered.length - count));
}

function readLogs(directory: string): readonly LogFile[] {
  const names = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith(".log")) : [];
  return names.map((name) => {
    const content = readFileSync(path.join(directory, name));
    const lines = content.toString().split("\n").filter((line) => line !== "").map(parseLine);
    return { path: path.join(directory, name), process: path.basename(name, ".log"), bytes: content.length, lines };
  });
}

function refuseUnknown(name: string, files: readonly LogFile[]): void {
  const known = [...new Set([...files.map(({ process }) => process), ...components])];
  if (!known.includes(name)) throw new SetupError(`nothing called ${name} logs: there are ${known.join(", ")}`);
}

/** From where the file was read to, also when the file is put aside for a new one. Ends with `tail`. */
async function follow({ path: file, bytes }: LogFile, show: (line: LoggedLine) => void): Promise<void> {
  const child = spawn("tail", ["-c", `+${bytes + 1}`, "-F", file], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) show(parseLine(line));
}
