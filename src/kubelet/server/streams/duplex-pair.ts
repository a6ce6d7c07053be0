import { Duplex } from "node:stream";

/** Two ends of a connection within the process: what is written to one is read from the other. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const [left, right] = [new End(), new End()];
  left.other = right;
  right.other = left;
  return [left, right];
}

class End extends Duplex {
  other: End | undefined;
  /** The other end's write, which goes on when this end is read. */
  #written: (() => void) | undefined;

  override _read(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.other?.receive(chunk, written);
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.other?.destroyed === false && !this.writableFinished) this.other.destroy();
    done(error);
  }

  receive(chunk: Buffer, written: () => void): void {
    if (this.push(chunk)) written();
    else this.#written = written;
  }
}
