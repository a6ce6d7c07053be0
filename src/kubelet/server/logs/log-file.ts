import { type FileHandle, open, stat } from "node:fs/promises";

import type { Clock } from "#machinery/clock.ts";
import type { LogEntry } from "../log-format.ts";
import { FileChanges } from "./file-changes.ts";
import { LogLines } from "./log-lines.ts";
import { tailOffset } from "./log-tail.ts";

export interface LogFileOptions {
  readonly clock: Clock;
  readonly tailLines?: number;
  readonly stream?: LogEntry["stream"];
  /** Says, when following, whether the container may still write. */
  readonly isLive?: () => boolean;
  readonly signal: AbortSignal;
}

const pieceBytes = 64 * 1024;
/** How long at most until the end of a container, or of a log that nobody told of, is noticed. */
const lookAgainMilliseconds = 1_000;
/** After a container's end its last words may still be on their way. */
const lastWordsMilliseconds = 100;

/**
 * Reads a container's log in pieces, each when the one before was taken. Following, it goes on as the file grows, over to the next
 * file when the log is rotated, until the container has ended. What is returned must be iterated, for it holds the file open.
 * @throws Error (ENOENT) when there is no log
 */
export async function openLogFile(path: string, options: LogFileOptions): Promise<AsyncIterable<readonly LogEntry[]>> {
  return read(path, await open(path, "r"), options);
}

async function* read(path: string, first: FileHandle, options: LogFileOptions): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const { clock, tailLines, stream, isLive, signal } = options;
  let file = first;
  const changes = isLive === undefined ? undefined : new FileChanges(path, clock);
  try {
    let lines = new LogLines();
    const buffer = Buffer.alloc(pieceBytes);
    let position = tailLines === undefined ? 0 : await tailOffset(file, tailLines, stream);
    let end: "far" | "rotated" | "container ended" = "far";
    while (!signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, position);
      position += bytesRead;
      if (bytesRead > 0) {
        const entries = lines.take(buffer.subarray(0, bytesRead));
        if (entries.length > 0) yield entries;
        continue;
      }
      if (isLive === undefined || changes === undefined || end === "container ended") return;
      const next = await successor(path, file, position);
      if (next !== undefined && end === "rotated") {
        // Nothing more came after the new file was there, so nothing will.
        await file.close();
        file = await open(path, "r");
        lines = new LogLines();
        position = 0;
        end = "far";
      } else if (next !== undefined) {
        end = "rotated";
      } else {
        if (!isLive()) end = "container ended";
        await changes.next(end === "container ended" ? lastWordsMilliseconds : lookAgainMilliseconds, signal);
      }
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

/** Whether the path leads to another file than the one that is open, or to what was cut off. */
async function successor(path: string, file: FileHandle, position: number): Promise<"other file" | undefined> {
  const [there, here] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  if (there === undefined) return undefined;
  return there.ino !== here.ino || there.size < position ? "other file" : undefined;
}
