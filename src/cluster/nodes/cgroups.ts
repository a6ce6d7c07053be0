import { readdir, readFile, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { sleep } from "#machinery/clock.ts";
import type { Clock } from "#machinery/clock.ts";
import { readMounts } from "./mounts.ts";

const LIMIT_MILLISECONDS = 10_000;

/** Kills everything in a cgroup and below it, in every hierarchy. Returns when no process is left there, or after 10 s. */
export async function killCgroup(clock: Clock, cgroup: string): Promise<void> {
  const end = clock.monotonic() + LIMIT_MILLISECONDS;
  for (let pids = await processesIn(cgroup); pids.length > 0 && clock.monotonic() < end; pids = await processesIn(cgroup)) {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await sleep(clock, 20);
  }
}

/** Removes an empty cgroup, all below it, and those parents that are left empty, in every hierarchy. */
export async function removeCgroup(clock: Clock, cgroup: string): Promise<void> {
  const end = clock.monotonic() + LIMIT_MILLISECONDS;
  for (const hierarchy of await hierarchies()) {
    for (const path of await treeBelow(join(hierarchy, cgroup))) {
      // The kernel takes a moment to let go of processes that have ended.
      while (!(await remove(path)) && clock.monotonic() < end) await sleep(clock, 20);
    }
    for (let parent = dirname(cgroup); parent !== "/" && parent !== "."; parent = dirname(parent)) {
      if (!(await remove(join(hierarchy, parent)))) break;
    }
  }
}

/** Whether it is gone. */
async function remove(path: string): Promise<boolean> {
  return rmdir(path).then(() => true, (error: NodeJS.ErrnoException) => error.code === "ENOENT");
}

async function processesIn(cgroup: string): Promise<number[]> {
  const paths = (await Promise.all((await hierarchies()).map((hierarchy) => treeBelow(join(hierarchy, cgroup))))).flat();
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

async function hierarchies(): Promise<string[]> {
  return (await readMounts()).filter(({ type }) => type === "cgroup" || type === "cgroup2").map(({ path }) => path);
}
