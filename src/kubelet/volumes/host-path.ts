import { lstat, mkdir, open, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { dirname } from "node:path";

import type { DirectoryVolume } from "../volume.ts";

/** A file, directory or device of the node itself. */
export const hostPathVolume: DirectoryVolume = {
  is: "directory",
  source: "hostPath",
  async setUp({ hostPath }) {
    const { path = "", type = "" } = hostPath ?? {};
    await checkType(path, type);
    return { path, readOnly: false, takesGroup: false };
  },
};

const checks: { readonly [type: string]: { readonly is: (stats: Stats) => boolean; readonly what: string } } = {
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), what: "a directory" },
  Directory: { is: (stats) => stats.isDirectory(), what: "a directory" },
  FileOrCreate: { is: (stats) => stats.isFile(), what: "a file" },
  File: { is: (stats) => stats.isFile(), what: "a file" },
  Socket: { is: (stats) => stats.isSocket(), what: "a socket file" },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), what: "a character device" },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), what: "a block device" },
};

async function checkType(path: string, type: string): Promise<void> {
  if (type === "") return;
  const check = checks[type];
  if (check === undefined) throw new Error(`unknown hostPath type ${type}`);
  const exists = await lstat(path).then(() => true, () => false);
  if (!exists && type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
  if (!exists && type === "FileOrCreate") await createFile(path);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || !check.is(stats)) throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
}

async function createFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a", 0o644);
  await file.close();
}
