import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Clock } from "#machinery/clock.ts";
import { killProcesses, removeTrees } from "./cgroup-tree.ts";
import type { CgroupSettings } from "./pod-cgroup.ts";

const neededControllers = ["cpu", "memory", "pids", "cpuset", "hugetlb", "io"];

/** Control groups as files (cgroups(7)): of version 1, one tree a controller, or of version 2, one tree for all. */
export class CgroupFiles {
  readonly #clock: Clock;
  readonly #root: string;
  readonly version: 1 | 2;

  /** @param root where they are mounted, usually /sys/fs/cgroup */
  constructor(clock: Clock, root: string) {
    this.#clock = clock;
    this.#root = root;
    this.version = existsSync(join(root, "cgroup.controllers")) ? 2 : 1;
  }

  /** Makes a group and its parents, and sets what it gets. Safe to call again. */
  async ensure(path: string, settings: CgroupSettings): Promise<void> {
    if (this.version === 2) await this.#ensureUnified(path);
    for (const [controller, files] of Object.entries(settings)) {
      const directory = this.version === 2 ? join(this.#root, path) : join(this.#root, controller, path);
      if (this.version === 1) {
        if (!existsSync(join(this.#root, controller))) continue;
        await mkdir(directory, { recursive: true });
      }
      for (const [file, value] of Object.entries(files)) await writeFile(join(directory, file), value);
    }
  }

  /**
   * Removes a group and those below it, in every tree, and ends what still runs in them: a runtime that was killed while it started
   * a container knows nothing of its process. @throws when a group stays busy
   */
  async remove(path: string): Promise<void> {
    const trees = this.version === 2 ? [this.#root] : (await readdir(this.#root)).map((name) => join(this.#root, name));
    const groups = trees.map((tree) => join(tree, path));
    await killProcesses(this.#clock, groups);
    await removeTrees(this.#clock, groups);
  }

  /** A group hands on to its children only what it is told to. */
  async #ensureUnified(path: string): Promise<void> {
    const offered = (await readFile(join(this.#root, "cgroup.controllers"), "utf8")).trim().split(/\s+/);
    const enabled = neededControllers.filter((name) => offered.includes(name)).map((name) => `+${name}`).join(" ");
    let directory = this.#root;
    for (const part of path.split("/").filter(Boolean)) {
      await writeFile(join(directory, "cgroup.subtree_control"), enabled);
      directory = join(directory, part);
      await mkdir(directory, { recursive: true });
    }
    await writeFile(join(directory, "cgroup.subtree_control"), enabled);
  }
}
