import { rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { killProcesses, removeTrees } from "#kubelet/cgroups/cgroup-tree.ts";
import type { Clock } from "#machinery/clock.ts";
import { readMounts } from "./mounts.ts";

/** Kills everything in a cgroup and below it, in every hierarchy. Returns when no process is left there, or after 10 s. */
export async function killCgroup(clock: Clock, cgroup: string): Promise<void> {
  await killProcesses(clock, (await hierarchies()).map((hierarchy) => join(hierarchy, cgroup)));
}

/** Removes an empty cgroup, all below it, and those parents that are left empty, in every hierarchy. @throws when one stays busy */
export async function removeCgroup(clock: Clock, cgroup: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await removeTrees(clock, [join(hierarchy, cgroup)]);
    for (let parent = dirname(cgroup); parent !== "/" && parent !== "."; parent = dirname(parent)) {
      const isRemoved = await rmdir(join(hierarchy, parent)).then(() => true, (error: NodeJS.ErrnoException) => error.code === "ENOENT");
      if (!isRemoved) break;
    }
  }
}

async function hierarchies(): Promise<string[]> {
  return (await readMounts()).filter(({ type }) => type === "cgroup" || type === "cgroup2").map(({ path }) => path);
}
