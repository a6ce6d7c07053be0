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
const loneSurrogate = /\p{Surrogate}/u;

/** @throws Error for a key that not every store could hold and order alike. */
export function checkKey(key: string): void {
  if (key === "") throw new Error("a key may not be empty");
  if (loneSurrogate.test(key)) throw new Error(`key ${JSON.stringify(key)} is not well-formed text`);
  if (key.length * longestCharacterBytes <= maxKeyBytes) return;
  const bytes = Buffer.byteLength(key);
  if (bytes > maxKeyBytes) throw new Error(`key ${key.slice(0, 60)}… has ${bytes} bytes, ${maxKeyBytes} at most`);
}
