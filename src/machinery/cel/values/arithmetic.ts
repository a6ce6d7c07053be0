import { type Int, int64, type Uint, uint64 } from "./numbers.ts";
import { EvaluationError } from "./value.ts";

/** Whole numbers of 64 bits: what does not fit is an error. Small numbers go the quick way, without bigints. */

export function addInts(left: Int, right: Int): Int {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return fit(BigInt(left) + BigInt(right));
}

export function subtractInts(left: Int, right: Int): Int {
  if (typeof left === "number" && typeof right === "number") {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return fit(BigInt(left) - BigInt(right));
}

export function multiplyInts(left: Int, right: Int): Int {
  if (typeof left === "number" && typeof right === "number") {
    const product = left * right;
    // The sum rids a zero of its sign.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return fit(BigInt(left) * BigInt(right));
}

/** Rounds towards zero. */
export function divideInts(left: Int, right: Int): Int {
  if (right === 0) throw new EvaluationError("division by zero");
  if (typeof left === "number" && typeof right === "number") return Math.trunc(left / right) + 0;
  return fit(BigInt(left) / BigInt(right));
}

/** Has the sign of `left`. */
export function moduloInts(left: Int, right: Int): Int {
  if (right === 0) throw new EvaluationError("modulus by zero");
  if (typeof left === "number" && typeof right === "number") return (left % right) + 0;
  if (BigInt(right) === -1n && BigInt(left) === -(1n << 63n)) throw new EvaluationError("integer overflow");
  return fit(BigInt(left) % BigInt(right));
}

export function negateInt(value: Int): Int {
  return typeof value === "number" ? 0 - value : fit(-value);
}

export function addUints(left: Uint, right: Uint): Uint {
  return fitUint(BigInt(left.value) + BigInt(right.value));
}

export function subtractUints(left: Uint, right: Uint): Uint {
  return fitUint(BigInt(left.value) - BigInt(right.value));
}

export function multiplyUints(left: Uint, right: Uint): Uint {
  return fitUint(BigInt(left.value) * BigInt(right.value));
}

export function divideUints(left: Uint, right: Uint): Uint {
  if (right.value === 0) throw new EvaluationError("division by zero");
  return fitUint(BigInt(left.value) / BigInt(right.value));
}

export function moduloUints(left: Uint, right: Uint): Uint {
  if (right.value === 0) throw new EvaluationError("modulus by zero");
  return fitUint(BigInt(left.value) % BigInt(right.value));
}

/** @throws EvaluationError when the number is beyond an int */
export function fit(value: bigint): Int {
  const result = int64(value);
  if (result === undefined) throw new EvaluationError("integer overflow");
  return result;
}

/** @throws EvaluationError when the number is beyond a uint */
export function fitUint(value: bigint): Uint {
  const result = uint64(value);
  if (result === undefined) throw new EvaluationError("unsigned integer overflow");
  return result;
}
