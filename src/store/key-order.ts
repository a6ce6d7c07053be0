import { maxKeyBytes } from "./store.ts";

/** Orders keys as their UTF-8 bytes would be; JavaScript's own order differs where surrogate pairs meet U+E000 and up. */
export function compareKeys(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** UTF-16 units in the order of the characters that they belong to: halves of surrogate pairs come last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

const longestCharacterBytes = 3;

/** Whether there could be keys that start with `prefix`. */
export function isPossiblePrefix(prefix: string): boolean {
  return prefix.isWellFormed() && (prefix.length * longestCharacterBytes <= maxKeyBytes || Buffer.byteLength(prefix) <= maxKeyBytes);
}

/** Whether every store could hold `key`, and order it alike. */
export function isPossibleKey(key: string): boolean {
  return key !== "" && isPossiblePrefix(key);
}

/** @throws Error for a key that no store could hold. */
export function checkKey(key: string): void {
  if (isPossibleKey(key)) return;
  throw new Error(`a key has 1 to ${maxKeyBytes} bytes of well-formed text, which ${JSON.stringify(key.slice(0, 100))} has not`);
}
