import { type LogEntry, parseLogLine } from "../log-format.ts";

/** A line of a log file has 16 KiB as runtimes write it. One that grows beyond this is no log line: it is passed over. */
const longestLineBytes = 1024 * 1024;
const newline = 10;
const nothing = Buffer.alloc(0);

/**
 * Cuts pieces of a log file into its entries. Their texts hold one character a byte ("latin1"): containers write what they like,
 * and it must come out as it went in.
 */
export class LogLines {
  #rest: Buffer = nothing;
  #passingOver = false;

  take(piece: Buffer): LogEntry[] {
    const end = piece.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#keep(Buffer.concat([this.#rest, piece]));
      return [];
    }
    const lines = Buffer.concat([this.#rest, piece.subarray(0, end - 1)]).toString("latin1").split("\n");
    if (this.#passingOver) lines.shift();
    this.#passingOver = false;
    this.#keep(Buffer.from(piece.subarray(end)));
    return lines.flatMap((line) => parseLogLine(line) ?? []);
  }

  #keep(rest: Buffer): void {
    this.#passingOver ||= rest.length > longestLineBytes;
    this.#rest = this.#passingOver ? nothing : rest;
  }
}
