import type { FileHandle } from "node:fs/promises";

import { type LogEntry, parseLogLine } from "../log-format.ts";

const blockBytes = 64 * 1024;
/** Time, stream and tags of an entry lie within these. */
const headBytes = 100;
const newline = 10;

/**
 * Where the last so many lines begin in a log file, found from its end. What the runtime cut into parts counts as one line; with
 * `stream`, only that stream's lines count.
 */
export async function tailOffset(file: FileHandle, lines: number, stream?: LogEntry["stream"]): Promise<number> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(blockBytes);
  const tail = new TailCount(lines, stream);
  let head = Buffer.alloc(0);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    // The file became shorter meanwhile: it is another one now.
    if (bytesRead < end - start) return 0;
    const block = Buffer.concat([buffer.subarray(0, bytesRead), head]);
    for (let at = buffer.subarray(0, bytesRead).lastIndexOf(newline); at >= 0; at = at === 0 ? -1 : buffer.lastIndexOf(newline, at - 1)) {
      const found = tail.lineAt(start + at + 1, block.subarray(at + 1, at + 1 + headBytes));
      if (found !== undefined) return found;
    }
    head = Buffer.from(block.subarray(0, headBytes));
    end = start;
  }
  return tail.lineAt(0, head) ?? 0;
}

/** Counts lines from the last to the first. */
class TailCount {
  readonly #wanted: number;
  readonly #stream: LogEntry["stream"] | undefined;
  /** Streams of which something was seen: a part without an end before it is the beginning of a line seen already. */
  readonly #seen = new Set<LogEntry["stream"]>();
  #count = 0;
  /** Where the line before began. Undefined at first: what follows the last line end is not a whole line yet. */
  #end: number | undefined;

  constructor(wanted: number, stream: LogEntry["stream"] | undefined) {
    this.#wanted = wanted;
    this.#stream = stream;
  }

  /** The next line from the end. Returns the offset looked for as soon as it is known. */
  lineAt(offset: number, head: Buffer): number | undefined {
    const end = this.#end;
    this.#end = offset;
    if (end === undefined) return undefined;
    const text = head.subarray(0, end - offset).toString("latin1");
    const entry = parseLogLine(text.endsWith("\n") ? text.slice(0, -1) : text);
    if (entry === undefined || (this.#stream !== undefined && entry.stream !== this.#stream)) return undefined;
    const endsLine = entry.text.endsWith("\n") || !this.#seen.has(entry.stream);
    this.#seen.add(entry.stream);
    if (endsLine) this.#count++;
    return this.#count > this.#wanted ? end : undefined;
  }
}
