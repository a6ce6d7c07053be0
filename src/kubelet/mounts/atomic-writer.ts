import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

import type { VolumeFile } from "../volume.ts";

const dataLink = "..data";
const newDataLink = "..data_tmp";

/**
 * Brings a directory's files from one state to the next at once, as a reader sees them: files lie in a directory of their own, a link
 * `..data` points to it, and each name in the volume is a link through `..data` (Kubernetes' layout, which programs watch).
 *
 *     volume/..2026_01_01_00_00_00.1/key      volume/..data → ..2026_01_01_00_00_00.1      volume/key → ..data/key
 *
 * Does nothing where the files are the same already. @param group of all files, when given, which may then read them
 */
export async function writeAtomically(volume: string, files: readonly VolumeFile[], group: number | undefined, now: number): Promise<void> {
  for (const { path } of files) checkPath(path);
  await mkdir(volume, { recursive: true });
  await chmod(volume, 0o1777);
  const current = await readlink(join(volume, dataLink)).catch(() => undefined);
  if (current !== undefined && await holdsAlready(join(volume, current), files)) return;
  const next = await newDirectory(volume, now);
  for (const file of files) await writeOne(join(volume, next), file, group);
  await rm(join(volume, newDataLink), { force: true });
  await symlink(next, join(volume, newDataLink));
  await rename(join(volume, newDataLink), join(volume, dataLink));
  await linkNames(volume, files);
  if (current !== undefined) await rm(join(volume, current), { recursive: true, force: true });
}

function checkPath(path: string): void {
  const parts = path.split("/");
  const isBad = path === "" || path.startsWith("/") || path.startsWith("..") || parts.includes("..") || posix.normalize(path) !== path;
  if (isBad) throw new Error(`invalid path: ${path}`);
}

async function holdsAlready(directory: string, files: readonly VolumeFile[]): Promise<boolean> {
  try {
    for (const { path, data, mode } of files) {
      const file = join(directory, path);
      const [present, stats] = await Promise.all([readFile(file), lstat(file)]);
      if (!present.equals(data) || (stats.mode & 0o700) !== (mode & 0o700)) return false;
    }
    const names = await readdir(directory, { recursive: true, withFileTypes: true });
    return names.filter((entry) => !entry.isDirectory()).length === new Set(files.map(({ path }) => path)).size;
  } catch {
    return false;
  }
}

async function newDirectory(volume: string, now: number): Promise<string> {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-T:]/g, "_");
  const taken = new Set(await readdir(volume));
  for (let count = 1; ; count++) {
    const name = `..${time}.${count}`;
    if (taken.has(name)) continue;
    await mkdir(join(volume, name));
    await chmod(join(volume, name), 0o755);
    return name;
  }
}

async function writeOne(directory: string, { path, data, mode, user }: VolumeFile, group: number | undefined): Promise<void> {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
  if (user !== undefined || group !== undefined) await chown(file, user ?? 0, group ?? 0);
  await chmod(file, group === undefined ? mode : mode | 0o440);
}

/** One link for the first part of each path; links that nothing needs any more go. */
async function linkNames(volume: string, files: readonly VolumeFile[]): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path.split("/")[0] ?? path));
  const present = (await readdir(volume)).filter((name) => !name.startsWith(".."));
  for (const name of wanted) if (!present.includes(name)) await symlink(`${dataLink}/${name}`, join(volume, name));
  for (const name of present) if (!wanted.has(name)) await rm(join(volume, name), { force: true });
}
