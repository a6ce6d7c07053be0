import { doubleType, type Type, uintType } from "../types/type.ts";
import { ValueObject } from "./value-object.ts";

/**
 * CEL's numbers. An int (64 bits, signed) is a JavaScript number while that is exact, and a bigint beyond: each value has one form, so
 * that `===` compares ints. What is no int says so: a `Uint`, a `Double`.
 */
export type Int = number | bigint;

/** A 64-bit number without sign; its form follows the rule of ints. */
export class Uint extends ValueObject {
  readonly value: Int;

  constructor(value: Int) {
    super();
    this.value = value;
  }

  get type(): Type {
    return uintType;
  }
}

/** A floating-point number. */
export class Double extends ValueObject {
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  get type(): Type {
    return doubleType;
  }
}

const smallestInt = -(1n << 63n);
const largestInt = (1n << 63n) - 1n;
const largestUint = (1n << 64n) - 1n;
const safe = BigInt(Number.MAX_SAFE_INTEGER);

export function isInt(value: unknown): value is Int {
  return typeof value === "number" || typeof value === "bigint";
}

/** The one form of an int. */
export function intOf(value: bigint): Int {
  return value >= -safe && value <= safe ? Number(value) : value;
}

/** An int, unless it is beyond 64 bits. */
export function int64(value: bigint): Int | undefined {
  return value < smallestInt || value > largestInt ? undefined : intOf(value);
}

/** A uint, unless it is negative or beyond 64 bits. */
export function uint64(value: bigint): Uint | undefined {
  return value < 0n || value > largestUint ? undefined : new Uint(intOf(value));
}

/** Reads decimal or `0x` digits with or without a sign. */
export function parseInt64(text: string): bigint | undefined {
  const match = /^([+-]?)(0x[0-9a-fA-F]{1,16}|\d{1,100})$/.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt(match[2] ?? "0");
  const value = match[1] === "-" ? -magnitude : magnitude;
  return int64(value) === undefined ? undefined : value;
}

export function parseUint64(text: string): Int | undefined {
  return /^(0x[0-9a-fA-F]{1,16}|\d{1,100})$/.test(text) ? uint64(BigInt(text))?.value : undefined;
}

/**
 * −1, 0 or 1; `undefined` when one of them is not a number (NaN). Against a number that is no exact integer, a large int counts as the
 * double nearest to it, as upstream has it.
 */
export function compareNumbers(left: number | bigint, right: number | bigint): number | undefined {
  const isExact = (number: number | bigint): boolean => typeof number === "bigint" || Number.isSafeInteger(number);
  const [a, b] = isExact(left) && isExact(right) ? [left, right] : [Number(left), Number(right)];
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : 0;
}
