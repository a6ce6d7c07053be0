import { parseTime } from "#machinery/time.ts";
import type { LogEntry } from "../log-format.ts";
import type { LogQuery } from "./log-query.ts";

/** Turns log entries into what a reader of the log gets. */
export class LogOutput {
  readonly #query: Pick<LogQuery, "since" | "stream" | "timestamps">;
  /** Streams whose last entry was a part: the next one goes on in the same line. */
  readonly #inLine = new Set<LogEntry["stream"]>();
  #bytesLeft: number;

  constructor(query: Pick<LogQuery, "since" | "stream" | "timestamps" | "limitBytes">) {
    this.#query = query;
    this.#bytesLeft = query.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.#bytesLeft <= 0;
  }

  /** @param entries with one character a byte */
  format(entries: readonly LogEntry[]): Buffer {
    const text = Buffer.from(entries.map((entry) => this.#line(entry)).join(""), "latin1");
    const kept = text.length > this.#bytesLeft ? text.subarray(0, this.#bytesLeft) : text;
    this.#bytesLeft -= kept.length;
    return kept;
  }

  #line({ time, stream, text }: LogEntry): string {
    const { since, stream: wanted, timestamps } = this.#query;
    if (wanted !== undefined && stream !== wanted) return "";
    const continues = this.#inLine.has(stream);
    if (text.endsWith("\n")) this.#inLine.delete(stream);
    else this.#inLine.add(stream);
    if (since !== undefined && (parseTime(time) ?? since) < since) return "";
    return timestamps && !continues ? `${nanoseconds(time)} ${text}` : text;
  }
}

/** With nine digits after the point, however many the runtime wrote. */
function nanoseconds(time: string): string {
  const [head = "", seconds = "", fraction = ""] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d*))?/.exec(time) ?? [];
  return head === "" ? time : `${seconds}.${fraction.padEnd(9, "0")}${time.slice(head.length)}`;
}
