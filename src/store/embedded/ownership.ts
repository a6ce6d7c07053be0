import { readFileSync } from "node:fs";
import type { Database } from "lmdb";

const ownerKey = Buffer.from("owner");

/** A process, and what tells it from a later one with the same number. */
interface Owner {
  readonly pid: number;
  /** When it started, in the kernel's ticks since boot; absent where the system does not say. */
  readonly startTicks?: string;
}

/** Directories in use by this thread: LMDB gives one environment to all who open it, and closes it under them. */
const usedHere = new Set<string>();

/** Calls `use` unless `directory` (a real path) is in use by this thread already. It stays in use until `leave`, or when `use` fails. */
export async function enter<Result>(directory: string, use: () => Promise<Result>): Promise<Result> {
  if (usedHere.has(directory)) throw inUse(directory, process.pid);
  usedHere.add(directory);
  try {
    return await use();
  } catch (error) {
    leave(directory);
    throw error;
  }
}

export function leave(directory: string): void {
  usedHere.delete(directory);
}

function inUse(directory: string, pid: number): Error {
  return new Error(`the store in ${directory} is in use by process ${pid}: stop that first, or choose another directory`);
}

/**
 * Notes in the table `about` that this process uses the store. LMDB runs one write transaction at a time among all
 * processes, and gives the lock back when its holder dies; so of two that start together one sees the other's note.
 *
 * @throws Error when a living process, also this one, uses it already.
 */
export function claim(about: Database<Buffer, Buffer>, directory: string): void {
  about.transactionSync(() => {
    const owner = readOwner(about);
    if (owner !== undefined && isAlive(owner)) throw inUse(directory, owner.pid);
    about.putSync(ownerKey, Buffer.from(JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid) } satisfies Owner)));
  });
}

/** Takes the note back. */
export function release(about: Database<Buffer, Buffer>): void {
  about.removeSync(ownerKey);
}

function readOwner(about: Database<Buffer, Buffer>): Owner | undefined {
  const text = about.getBinary(ownerKey)?.toString();
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Owner);
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startTicks: started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return startTicks(pid) === started;
}

/** PF_EXITING of Linux: a process that runs none of its own code any more. What its threads still write, LMDB's lock awaits. */
const exiting = 0x4;

/**
 * Field 22 of /proc/PID/stat (proc(5)); of a process that is ending or has ended, though nobody may have asked how,
 * something that is no number. The second field, in parentheses, may hold anything.
 */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, flags] = [fields[0], Number(fields[6])];
    return state === "Z" || state === "X" || (flags & exiting) !== 0 ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}
