import { readFile } from "node:fs/promises";

import type { Run } from "./command.ts";

export interface MountPoint {
  readonly path: string;
  /** File system type, such as `overlay`. */
  readonly type: string;
}

/** What is mounted, in the order of mounting. */
export async function readMounts(): Promise<MountPoint[]> {
  return parseMounts(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Reads mountinfo (proc(5)): the fifth field is the path, and the type follows the first field that is a lone dash. */
export function parseMounts(mountinfo: string): MountPoint[] {
  return mountinfo.split("\n").filter((line) => line !== "").map((line) => {
    const fields = line.split(" ");
    return { path: unescape(fields[4] ?? ""), type: fields[fields.indexOf("-") + 1] ?? "" };
  });
}

/** Spaces and the like are written as three octal digits. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Unmounts everything at or below `directories`, the latest first. Throws if something stays. */
export async function unmountBelow(run: Run, directories: readonly string[]): Promise<void> {
  const below = (mounts: readonly MountPoint[]): string[] =>
    mounts.map(({ path }) => path).filter((path) => directories.some((directory) => path === directory || path.startsWith(`${directory}/`)));
  for (const path of below(await readMounts()).reverse()) {
    await run("umount", [path]).catch(() => run("umount", ["-l", path]));
  }
  const [left] = below(await readMounts());
  if (left !== undefined) throw new Error(`${left} is still mounted`);
}
