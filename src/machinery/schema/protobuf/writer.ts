const encoder = new TextEncoder();

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
export const wireFixed32 = 5;

/**
 * Writes protobuf from the back to the front, so that the length of a nested message is known when it is written.
 * Whoever uses it writes fields, elements, and each field's value and tag in reverse order.
 */
export class ReverseWriter {
  #buffer: Uint8Array;
  #position: number;

  constructor(capacityBytes = 4096) {
    this.#buffer = new Uint8Array(capacityBytes);
    this.#position = capacityBytes;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#position;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(this.#position);
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** The length and the tag of what was written since the writer's length was `before`. */
  lengthAndTag(number: number, before: number): void {
    this.varint(this.length - before);
    this.tag(number, wireBytes);
  }

  /** A whole number; a negative one takes ten bytes. */
  varint(value: number): void {
    if (value < 0) return this.#negative(value);
    let size = 1;
    for (let rest = value; rest >= 128; rest /= 128) size++;
    this.#reserve(size);
    this.#position -= size;
    let rest = value;
    let at = this.#position;
    for (; rest >= 128; at++) {
      this.#buffer[at] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at] = rest;
  }

  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  double(value: number): void {
    this.#reserve(8);
    this.#position -= 8;
    new DataView(this.#buffer.buffer).setFloat64(this.#position, value, true);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#position -= bytes.length;
    this.#buffer.set(bytes, this.#position);
  }

  string(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const start = this.#position - length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return this.bytes(encoder.encode(text));
      this.#buffer[start + index] = code;
    }
    this.#position = start;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#position) return;
    const grown = new Uint8Array((this.#buffer.length + bytes) * 2);
    const used = this.length;
    grown.set(this.#buffer.subarray(this.#position), grown.length - used);
    this.#buffer = grown;
    this.#position = grown.length - used;
  }
}
