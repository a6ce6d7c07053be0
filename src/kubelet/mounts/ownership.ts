import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const setGroup = 0o2000;

/**
 * Makes a group the owner of everything in a volume, for it to read and write; what is made in it later belongs to the group too
 * (Kubernetes "Configure volume permission and ownership change policy").
 * @param onlyOnMismatch leaves everything as it is where the volume's own directory is right already
 */
export async function giveToGroup(volume: string, group: number, onlyOnMismatch: boolean): Promise<void> {
  const stats = await lstat(volume);
  const wanted = setGroup | 0o770;
  if (onlyOnMismatch && stats.gid === group && (stats.mode & wanted) === wanted) return;
  await giveBelow(volume, group);
}

async function giveBelow(path: string, group: number): Promise<void> {
  const stats = await lstat(path);
  await lchown(path, stats.uid, group);
  if (stats.isSymbolicLink()) return;
  if (!stats.isDirectory()) return chmod(path, (stats.mode & 0o7777) | 0o660);
  await chmod(path, (stats.mode & 0o7777) | 0o770 | setGroup);
  for (const name of await readdir(path)) await giveBelow(join(path, name), group);
}
