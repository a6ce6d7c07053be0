import { constants } from "node:fs";
import { chmod, type FileHandle, mkdir, open, realpath, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pid } from "node:process";

import type { Mounter } from "./mounter.ts";

/** Linux's O_PATH: a handle that names a file and opens nothing. */
const pathOnly = 0o10_000_000;

/**
 * Shows a part of a volume at `target`, a new mount point, so that nothing in the volume can lead out of it (the lesson of
 * CVE-2017-1002101): symbolic links are resolved first and must stay inside; then each part of the path is opened below the one
 * before, and refused when it has become a link meanwhile; and what is mounted is what was opened. A part that is missing becomes a
 * directory.
 */
export async function bindSubPath(mounter: Mounter, volume: string, subPath: string, target: string): Promise<void> {
  const root = await realpath(volume);
  const handle = await openBelow(root, await resolveInside(root, subPath));
  try {
    const stats = await handle.stat();
    await mkdir(stats.isDirectory() ? target : dirname(target), { recursive: true });
    if (!stats.isDirectory()) await writeFile(target, "", { flag: "a" });
    if (!await mounter.isMounted(target)) await mounter.bind(`/proc/${pid}/fd/${handle.fd}`, target);
  } finally {
    await handle.close();
  }
}

/** The parts of the path without symbolic links, as far as it exists. */
async function resolveInside(root: string, subPath: string): Promise<readonly string[]> {
  const parts = subPath.split("/").filter((part) => part !== "" && part !== ".");
  if (subPath.startsWith("/") || parts.includes("..")) throw new Error(`subPath "${subPath}" must not be absolute nor contain ".."`);
  for (let known = parts.length; known > 0; known--) {
    const real = await realpath(join(root, ...parts.slice(0, known))).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (real === undefined) continue;
    if (real !== root && !real.startsWith(`${root}/`)) throw new Error(`subPath "${subPath}" is not inside of its volume`);
    return [...relative(root, real).split("/").filter(Boolean), ...parts.slice(known)];
  }
  return parts;
}

async function openBelow(root: string, parts: readonly string[]): Promise<FileHandle> {
  let handle = await open(root, pathOnly);
  for (const part of parts) {
    const parent = handle;
    try {
      handle = await openPart(parent, part);
    } finally {
      await parent.close();
    }
    const stats = await handle.stat();
    if (!stats.isSymbolicLink()) continue;
    await handle.close();
    throw new Error(`subPath "${parts.join("/")}" leads through a symbolic link`);
  }
  return handle;
}

async function openPart(parent: FileHandle, part: string): Promise<FileHandle> {
  const path = `/proc/self/fd/${parent.fd}/${part}`;
  const flags = pathOnly | constants.O_NOFOLLOW;
  try {
    return await open(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const { mode } = await parent.stat();
    await mkdir(path);
    // Not in one step: the process's mask would take bits away.
    await chmod(path, mode & 0o777);
    return open(path, flags);
  }
}
