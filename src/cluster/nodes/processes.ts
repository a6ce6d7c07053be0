import { readdir, readFile } from "node:fs/promises";

import { sleep } from "#machinery/clock.ts";
import type { Clock } from "#machinery/clock.ts";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The command line; empty for a kernel thread or a zombie. */
  readonly args: readonly string[];
}

/** Every process of the machine, as far as /proc shows it. */
export async function listProcesses(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = await Promise.all(pids.map(readProcess));
  return processes.filter((process) => process !== undefined);
}

async function readProcess(pid: number): Promise<Process | undefined> {
  try {
    const [commandLine, stat] = await Promise.all([readFile(`/proc/${pid}/cmdline`, "utf8"), readFile(`/proc/${pid}/stat`, "utf8")]);
    const [, parent = "0"] = afterName(stat).split(" ");
    return { pid, parent: Number(parent), args: commandLine.split("\0").slice(0, -1) };
  } catch {
    return undefined;
  }
}

/** The fields of /proc/PID/stat from the state on. The name before it may hold spaces and brackets itself (proc(5)). */
function afterName(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2);
}

/** `roots` and all that they started, parents first. */
export function withDescendants(processes: readonly Process[], roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of processes) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found];
}

export function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

/** Whether the process was there to be told. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Asks processes to end, and ends those that have not after `graceMilliseconds`. Resolves when they are gone, or after 5 s more. */
export async function endProcesses(clock: Clock, pids: readonly number[], graceMilliseconds: number): Promise<void> {
  let left: readonly number[] = graceMilliseconds > 0 ? pids.filter((pid) => signal(pid, "SIGTERM")) : [...pids];
  left = await waitForEnd(clock, left, graceMilliseconds);
  for (const pid of left) signal(pid, "SIGKILL");
  await waitForEnd(clock, left, 5_000);
}

async function waitForEnd(clock: Clock, pids: readonly number[], milliseconds: number): Promise<readonly number[]> {
  const end = clock.monotonic() + milliseconds;
  let left = await withoutZombies(pids);
  while (left.length > 0 && clock.monotonic() < end) {
    await sleep(clock, 10);
    left = await withoutZombies(left);
  }
  return left;
}

/** A zombie has ended, but for whoever should ask how. */
async function withoutZombies(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").then((stat) => afterName(stat).charAt(0), () => "X")));
  return pids.filter((_, index) => states[index] !== "Z" && states[index] !== "X");
}
