import { statfsSync } from "node:fs";

/** A disk with less than this left counts as full. */
const fullBytes = 256 * 1024;

/** What a code or a phrase of the system's or LMDB's error means to the person who runs the store. */
const meanings: readonly { readonly sign: RegExp; readonly meaning: string }[] = [
  { sign: /ENOSPC|No space left/, meaning: "the disk is full: free some space" },
  { sign: /EDQUOT|quota exceeded/i, meaning: "the disk quota is used up: raise it, or free some space" },
  { sign: /MDB_MAP_FULL/, meaning: "it has reached the largest size that a store can have" },
  { sign: /EROFS|Read-only file system/, meaning: "its file system is read-only: choose another" },
  { sign: /EACCES|EPERM|Permission denied|not permitted/, meaning: "permission denied: change its owner or choose another" },
  { sign: /ENOENT/, meaning: "it cannot be made there: choose another" },
  { sign: /ENOTDIR|EEXIST|Not a directory/, meaning: "it is not a directory" },
  { sign: /MDB_INVALID|MDB_VERSION_MISMATCH|MDB_CORRUPTED|MDB_PAGE_NOTFOUND/, meaning: "its files are damaged or not a store: restore a backup" },
  { sign: /MDB_PANIC|EIO|Input\/output error/, meaning: "the disk reports an error: check it, then start again" },
];

/** An error that names the directory and what is wrong with it; the original is its cause. */
export async function explain(error: unknown, directory: string): Promise<Error> {
  const cause = await innermost(error);
  const text = cause instanceof Error ? `${"code" in cause ? String(cause.code) : ""} ${cause.message}` : String(cause);
  // A disk that fills up in the middle of a write reports an input/output error.
  const sign = isFull(directory) ? "ENOSPC" : text;
  const meaning = meanings.find((candidate) => candidate.sign.test(sign))?.meaning ?? text.trim();
  return new Error(`cannot use the store in ${directory}: ${meaning}`, { cause });
}

/** LMDB rejects each write with a general error that promises the particular one. */
async function innermost(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  try {
    await error.commitError;
  } catch (cause) {
    return cause;
  }
  return error;
}

function isFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < fullBytes;
  } catch {
    return false;
  }
}
