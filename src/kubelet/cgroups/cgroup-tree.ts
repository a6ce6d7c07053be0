import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { sleep, type Clock } from "#machinery/clock.ts";

const limitMilliseconds = 10_000;
const pollMilliseconds = 20;

/** Kills every process in these control groups and below them. Returns when none is left there, or after 10 s. */
export async function killProcesses(clock: Clock, groups: readonly string[]): Promise<void> {
  const end = clock.monotonic() + limitMilliseconds;
  for (let pids = await processesIn(groups); pids.length > 0 && clock.monotonic() < end; pids = await processesIn(groups)) {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await sleep(clock, pollMilliseconds);
  }
}

/** Removes empty control groups and all below them. Those that are not there are fine. @throws when one is still busy after 10 s */
export async function removeTrees(clock: Clock, groups: readonly string[]): Promise<void> {
  const end = clock.monotonic() + limitMilliseconds;
  for (const path of (await Promise.all(groups.map(treeBelow))).flat()) {
    // The kernel takes a moment to let go of processes that have ended.
    for (let error = await removeDirectory(path); error !== undefined; error = await removeDirectory(path)) {
      if (clock.monotonic() >= end) throw error;
      await sleep(clock, pollMilliseconds);
    }
  }
}

/** What stands in the way; undefined when the directory is gone. */
function removeDirectory(path: string): Promise<Error | undefined> {
  return rmdir(path).then(() => undefined, (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? undefined : error));
}

async function processesIn(groups: readonly string[]): Promise<number[]> {
  const paths = (await Promise.all(groups.map(treeBelow))).flat();
  const lists = await Promise.all(paths.map((path) => readFile(join(path, "cgroup.procs"), "utf8").catch(() => "")));
  return [...new Set(lists.flatMap((list) => list.split("\n").filter((line) => line !== "").map(Number)))].filter((pid) => pid > 0);
}

/** The directory and all below it, the deepest first; empty where it is not there. */
async function treeBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => treeBelow(join(path, entry.name))));
  return [...below.flat(), path];
}
