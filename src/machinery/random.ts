import { randomBytes, randomInt } from "node:crypto";

/** Chance, as every component sees it: handed in through constructors, so that a run can be repeated from its seed. */
export interface Random {
  /** From 0 up to, not including, `limit` (1 to 2³²). */
  integer(limit: number): number;
  /** From 0 up to, not including, 1. */
  fraction(): number;
  bytes(length: number): Uint8Array;
}

/** The machine's own source, fit for secrets. */
export const systemRandom: Random = {
  integer: (limit) => randomInt(limit),
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
  bytes: (length) => fromPool(length),
};

/** One call for many numbers: asking the system for few bytes costs as much as for many. */
const poolBytes = 4096;
let pool: Uint8Array = new Uint8Array();
let used = 0;

/** Bytes are given out once. */
function fromPool(length: number): Uint8Array {
  if (length > poolBytes / 8) return randomBytes(length);
  if (used + length > pool.length) {
    pool = randomBytes(poolBytes);
    used = 0;
  }
  used += length;
  return pool.slice(used - length, used);
}

/** A repeatable sequence (sfc32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return {
    integer: (limit) => Math.floor((next() / 2 ** 32) * limit),
    fraction: () => next() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
}

const hourMilliseconds = 3_600_000;

/** Milliseconds until the next of events that happen independently, so many an hour on average; `undefined` when there are none. */
export function timeUntilNext(perHour: number, random: Random): number | undefined {
  return perHour > 0 ? (-Math.log(1 - random.fraction()) / perHour) * hourMilliseconds : undefined;
}

const hexadecimal = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/** A random UUID (RFC 9562, version 4), as `metadata.uid` is. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16);
  let text = "";
  for (let index = 0; index < 16; index++) {
    const byte = bytes[index] ?? 0;
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += hexadecimal[index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte];
  }
  return text;
}
