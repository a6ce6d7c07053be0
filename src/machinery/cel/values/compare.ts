import { sameType } from "../types/type.ts";
import { Bytes, compareBytes } from "./bytes.ts";
import { CelList } from "./list.ts";
import { equalByIdentity } from "./list-identity.ts";
import { CelMap } from "./map.ts";
import { compareNumbers } from "./numbers.ts";
import { CelObject } from "./object.ts";
import { compareText } from "./text.ts";
import { Duration, Timestamp } from "./time.ts";
import { EvaluationError, Opaque, numberOf, Optional, TypeValue, type Value } from "./value.ts";

/** Whether two values are the same. Numbers compare across types; values of other different types are never the same. */
export function equalValues(left: Value, right: Value): boolean {
  if (typeof left !== "object" && typeof right !== "object") return left === right;
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined || b !== undefined) return a !== undefined && b !== undefined && compareNumbers(a, b) === 0;
  if (left instanceof CelList) return right instanceof CelList && equalLists(left, right);
  if (left instanceof CelMap) return right instanceof CelMap && equalMaps(left, right);
  if (left instanceof CelObject) return right instanceof CelObject && equalObjects(left, right);
  if (left instanceof Bytes) return right instanceof Bytes && compareBytes(left, right) === 0;
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof TypeValue) return right instanceof TypeValue && sameKind(left, right);
  if (left instanceof Opaque) return right instanceof Opaque && sameType(left.type, right.type) && left.equals(right);
  if (left instanceof Optional) return right instanceof Optional && equalOptionals(left, right);
  return left === right;
}

/** −1, 0 or 1. @throws EvaluationError where there is no order */
export function compareValues(left: Value, right: Value): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    const order = compareNumbers(a, b);
    if (order === undefined) throw new EvaluationError("NaN values cannot be ordered");
    return order;
  }
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof Bytes && right instanceof Bytes) return compareBytes(left, right);
  if ((left instanceof Timestamp && right instanceof Timestamp) || (left instanceof Duration && right instanceof Duration)) {
    return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
  }
  throw new EvaluationError("no such overload");
}

/** Whether a list has the value. */
export function contains(list: CelList, value: Value): boolean {
  for (const element of list) if (equalValues(element, value)) return true;
  return false;
}

/** Type values are the same when they name the same kind of value: `type([1]) == type(['a'])`. */
function sameKind({ of: left }: TypeValue, { of: right }: TypeValue): boolean {
  if (left.is !== right.is) return false;
  return (left.is !== "struct" && left.is !== "opaque") || (right.is === left.is && left.name === right.name);
}

function equalLists(left: CelList, right: CelList): boolean {
  if (left.length !== right.length) return false;
  if (left.identity !== undefined) return equalByIdentity(left, right, left.identity, equalValues);
  for (let index = 0; index < left.length; index++) {
    if (!equalValues(left.at(index) as Value, right.at(index) as Value)) return false;
  }
  return true;
}

function equalMaps(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left.entries()) {
    const other = right.get(key);
    if (other === undefined || !equalValues(value, other)) return false;
  }
  return true;
}

function equalObjects(left: CelObject, right: CelObject): boolean {
  const names = [...left.present()];
  if (left.type.name !== right.type.name || names.length !== [...right.present()].length) return false;
  return names.every((name) => {
    const [a, b] = [left.get(name), right.get(name)];
    return a !== undefined && b !== undefined && equalValues(a, b);
  });
}

function equalOptionals(left: Optional, right: Optional): boolean {
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return equalValues(left.value, right.value);
}
