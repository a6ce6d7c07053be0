import { bytesType, type Type } from "../types/type.ts";
import { ValueObject } from "./value-object.ts";

/** A sequence of bytes. */
export class Bytes extends ValueObject {
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }

  get type(): Type {
    return bytesType;
  }

  get length(): number {
    return this.data.length;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text, or `undefined` when the bytes are no UTF-8. */
export function utf8Text(bytes: Bytes): string | undefined {
  try {
    return decoder.decode(bytes.data);
  } catch {
    return undefined;
  }
}

/** −1, 0 or 1, byte by byte. */
export function compareBytes(left: Bytes, right: Bytes): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left.data[index] ?? 0) - (right.data[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}
