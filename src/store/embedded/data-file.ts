import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Of new stores; one that is there keeps its own. A commit rewrites whole pages, some ten of them however little it changes: small
 * pages make a lone write durable sooner.
 */
export const pageBytes = 4096;

/** LMDB's two meta pages each start with a header of 24 bytes, then this magic number and the version of the format. */
const magicOffset = 24;
/** Then an address and a size of 8 bytes each, then the size of a page. */
const pageSizeOffset = magicOffset + 24;
const magic = 0xbeefc0de;
const dataVersion = 2;

/** Makes `directory` and what is above it, for its owner only. Returns its real path. @throws Error of the system. */
export function prepareDirectory(directory: string): string {
  makeDirectory(resolve(directory));
  if (!statSync(directory).isDirectory()) throw new Error("ENOTDIR: a file is in the way");
  chmodSync(directory, 0o700);
  return realpathSync(directory);
}

/** What `mkdirSync` does when recursive, except that it does not try for ever below /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process that starts at the same time has made it.
    if (!existsSync(path)) throw error;
  }
}

/**
 * Makes the files that LMDB would make readable to others, and makes sure that it can open them: its binding brings the
 * process down where opening fails. Not while this process uses them: closing a file gives back LMDB's locks on it.
 *
 * @throws Error of the system, or one that speaks of MDB_INVALID.
 */
export function prepareFiles(directory: string): void {
  for (const name of ["data.mdb", "lock.mdb"]) {
    const path = join(directory, name);
    const file = openSync(path, "a+", 0o600);
    try {
      chmodSync(path, 0o600);
      if (name === "data.mdb") checkMetaPages(file);
    } finally {
      closeSync(file);
    }
  }
}

function checkMetaPages(file: number): void {
  const { size } = fstatSync(file);
  if (size === 0) return;
  let pageSize = 0;
  for (const page of [0, 1]) {
    const header = Buffer.alloc(pageSizeOffset + 4);
    const read = readSync(file, header, 0, header.length, page * pageSize);
    pageSize = header.readUInt32LE(pageSizeOffset);
    if (read < header.length || header.readUInt32LE(magicOffset) !== magic || header.readUInt16LE(magicOffset + 4) !== dataVersion) {
      throw new Error(`MDB_INVALID: page ${page} is not LMDB's`);
    }
  }
}
