/** Longer ones are an error: nobody sends such. */
const longestBytes = 16 * 1024 * 1024;

/** Cuts a byte stream into lines, as the events of a watch come. */
export class Lines {
  readonly #line: (line: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  /** @throws Error where a line is too long, and what the callback throws */
  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      const line = this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]);
      this.#rest = [];
      this.#restBytes = 0;
      from = end + 1;
      if (line.length > 0) this.#line(line.toString("utf8"));
    }
    if (from === chunk.length) return;
    this.#rest.push(chunk.subarray(from));
    this.#restBytes += chunk.length - from;
    if (this.#restBytes > longestBytes) throw new Error("a watch event is longer than 16 MiB");
  }
}
