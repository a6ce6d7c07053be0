import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isProcess, startTime } from "../processes.ts";
import { SetupError } from "../setup/setup-error.ts";
import type { Progress } from "./progress.ts";

const lookEveryMilliseconds = 200;
const patienceMilliseconds = 10 * 60_000;

/**
 * Does the work while no other process does work under the same file, waiting for one that does. The file tells whose turn it is; one that a
 * dead process left counts for nothing. @throws SetupError after ten minutes of waiting
 */
export async function whileLocked<T>(file: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  if (!take(file)) await progress.step(`The command of process ${holderOf(file)?.pid ?? "?"} on this cluster has ended`, () => waitFor(file));
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function waitFor(file: string): Promise<void> {
  for (const until = Date.now() + patienceMilliseconds; Date.now() < until; ) {
    if (take(file)) return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMilliseconds));
  }
  throw new SetupError(`process ${holderOf(file)?.pid} is still at work on this cluster: end it, then try again`);
}

/** Whether it is this process's turn now. */
function take(file: string): boolean {
  const own = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(own, `${process.pid} ${startTime(process.pid)}\n`, { mode: 0o600 });
  try {
    setAsideIfStale(file);
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function setAsideIfStale(file: string): void {
  const holder = holderOf(file);
  if (!holder || isProcess(holder.pid, holder.started)) return;
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    // Another may have been quicker: then what was set aside is its own, and goes back.
    if (holderOf(aside)?.pid !== holder.pid) linkSync(aside, file);
  } catch {
    // Gone, or taken by another: linking tells.
  } finally {
    rmSync(aside, { force: true });
  }
}

function holderOf(file: string): { readonly pid: number; readonly started: string } | undefined {
  try {
    const [pid, started = ""] = readFileSync(file, "utf8").trim().split(" ");
    return { pid: Number(pid), started };
  } catch {
    return undefined;
  }
}
