import { badRequest, type StatusError } from "../../status-error.ts";
import { wireBytes, wireFixed32, wireFixed64, wireVarint } from "./writer.ts";

const decoder = new TextDecoder();

/** Messages nest no deeper than this. */
const maximumDepth = 200;

/** Reads protobuf. Every method throws StatusError 400 where the bytes are not what they should be. */
export class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  get atEnd(): boolean {
    return this.#position >= this.#end;
  }

  /** A number as JavaScript holds it: above 2⁵³ it is approximate. */
  varint(): number {
    let result = 0;
    let scale = 1;
    const start = this.#position;
    for (let index = 0; index < 10; index++) {
      const byte = this.#byte();
      if (index === 9 || scale > 2 ** 42) return this.#longVarint(start);
      result += (byte & 127) * scale;
      if (byte < 128) return result;
      scale *= 128;
    }
    throw malformed("proto: integer overflow");
  }

  /** Of seven bytes and more, negative numbers among them. */
  #longVarint(start: number): number {
    this.#position = start;
    let result = 0n;
    for (let index = 0n; index < 10n; index++) {
      const byte = this.#byte();
      result |= BigInt(byte & 127) << (7n * index);
      if (byte < 128) return Number(BigInt.asIntN(64, result));
    }
    throw malformed("proto: integer overflow");
  }

  double(): number {
    const start = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(start, true);
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    const length = this.varint();
    const start = this.#take(length);
    if (length > 24) return decoder.decode(this.#bytes.subarray(start, start + length));
    let text = "";
    for (let index = start; index < start + length; index++) {
      const code = this.#bytes[index] ?? 0;
      if (code > 127) return decoder.decode(this.#bytes.subarray(start, start + length));
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** Reads a length, then lets `read` read so many bytes. */
  nested(read: () => void): void {
    const length = this.varint();
    const start = this.#take(length);
    if (++this.#depth > maximumDepth) throw malformed("proto: exceeded max depth");
    const outer = this.#end;
    this.#position = start;
    this.#end = start + length;
    read();
    this.#position = this.#end;
    this.#end = outer;
    this.#depth--;
  }

  skip(wireType: number): void {
    switch (wireType) {
      case wireVarint:
        this.varint();
        break;
      case wireFixed64:
        this.#take(8);
        break;
      case wireBytes:
        this.#take(this.varint());
        break;
      case wireFixed32:
        this.#take(4);
        break;
      default:
        throw malformed(`proto: illegal wireType ${wireType}`);
    }
  }

  #take(length: number): number {
    const start = this.#position;
    if (length < 0 || start + length > this.#end) throw malformed("unexpected EOF");
    this.#position = start + length;
    return start;
  }

  #byte(): number {
    if (this.#position >= this.#end) throw malformed("unexpected EOF");
    return this.#bytes[this.#position++] ?? 0;
  }
}

export function malformed(what: string): StatusError {
  return badRequest(what);
}
