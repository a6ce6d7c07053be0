import { addInts, addUints, divideInts, divideUints, moduloInts, moduloUints, multiplyInts, multiplyUints, negateInt, subtractInts, subtractUints } from "../../values/arithmetic.ts";
import { declare, type FunctionDeclaration, type Overload, overload } from "../../types/declarations.ts";
import { boolType, bytesType, doubleType, durationType, intType, listOf, mapOf, parameter, stringType, timestampType, type Type, uintType } from "../../types/type.ts";
import { Bytes } from "../../values/bytes.ts";
import { compareValues, contains, equalValues } from "../../values/compare.ts";
import type { CelList } from "../../values/list.ts";
import { mergeByIdentity } from "../../values/list-identity.ts";
import type { CelMap } from "../../values/map.ts";
import { Double, type Int } from "../../values/numbers.ts";
import { checkLength, concatenate } from "../strings/text-limit.ts";
import { type Duration, durationOf, type Timestamp, timestampOf } from "../../values/time.ts";
import { EvaluationError, type Value } from "../../values/value.ts";

const a = parameter("A");
const b = parameter("B");
const listOfA = listOf(a);
const mapOfAB = mapOf(a, b);

/** Evaluated by the planner, which knows when not to evaluate the other side (plan/). */
const lazily = (): never => {
  throw new Error("this operator is not an ordinary function");
};

/** The operators of the language (CEL specification, "Standard definitions"). */
export const operators: readonly FunctionDeclaration[] = [
  declare("_?_:_", overload("conditional", [boolType, a, a], a, lazily)),
  declare("_&&_", overload("logical_and", [boolType, boolType], boolType, lazily)),
  declare("_||_", overload("logical_or", [boolType, boolType], boolType, lazily)),
  declare("!_", overload("logical_not", [boolType], boolType, (value: boolean) => !value)),
  declare("@not_strictly_false", overload("not_strictly_false", [boolType], boolType, lazily)),
  declare("_==_", overload("equals", [a, a], boolType, equalValues)),
  declare("_!=_", overload("not_equals", [a, a], boolType, (left: Value, right: Value) => !equalValues(left, right))),
  declare("_[_]", overload("index_list", [listOfA, intType], a, lazily), overload("index_map", [mapOfAB, a], b, lazily)),
  declare("@in",
    overload("in_list", [a, listOfA], boolType, (value: Value, list: CelList) => contains(list, value)),
    overload("in_map", [a, mapOfAB], boolType, (key: Value, map: CelMap) => map.has(key))),
  declare("_+_",
    overload("add_bytes", [bytesType, bytesType], bytesType, joinBytes),
    double("add_double", (left, right) => left + right),
    span("add_duration_duration", [durationType, durationType], durationType, (left, right) => lasting(left + right)),
    span("add_duration_timestamp", [durationType, timestampType], timestampType, (left, right) => at(left + right)),
    span("add_timestamp_duration", [timestampType, durationType], timestampType, (left, right) => at(left + right)),
    overload("add_int64", [intType, intType], intType, addInts),
    overload("add_list", [listOfA, listOfA], listOfA, joinLists),
    overload("add_string", [stringType, stringType], stringType, concatenate),
    overload("add_uint64", [uintType, uintType], uintType, addUints)),
  declare("_-_",
    double("subtract_double", (left, right) => left - right),
    span("subtract_duration_duration", [durationType, durationType], durationType, (left, right) => lasting(left - right)),
    overload("subtract_int64", [intType, intType], intType, subtractInts),
    span("subtract_timestamp_duration", [timestampType, durationType], timestampType, (left, right) => at(left - right)),
    span("subtract_timestamp_timestamp", [timestampType, timestampType], durationType, (left, right) => lasting(left - right)),
    overload("subtract_uint64", [uintType, uintType], uintType, subtractUints)),
  declare("_*_",
    double("multiply_double", (left, right) => left * right),
    overload("multiply_int64", [intType, intType], intType, multiplyInts),
    overload("multiply_uint64", [uintType, uintType], uintType, multiplyUints)),
  declare("_/_",
    double("divide_double", (left, right) => left / right),
    overload("divide_int64", [intType, intType], intType, divideInts),
    overload("divide_uint64", [uintType, uintType], uintType, divideUints)),
  declare("_%_",
    overload("modulo_int64", [intType, intType], intType, moduloInts),
    overload("modulo_uint64", [uintType, uintType], uintType, moduloUints)),
  declare("-_",
    overload("negate_double", [doubleType], doubleType, (value: Double) => new Double(-value.value)),
    overload("negate_int64", [intType], intType, (value: Int) => negateInt(value))),
  relation("_<_", "less", (order) => order < 0),
  relation("_<=_", "less_equals", (order) => order <= 0),
  relation("_>_", "greater", (order) => order > 0),
  relation("_>=_", "greater_equals", (order) => order >= 0),
];

/** An order for each type that has one, and between the types of numbers. */
function relation(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const run = (left: Value, right: Value): boolean => holds(compareValues(left, right));
  const quick = (left: Int, right: Int): boolean => holds(left < right ? -1 : left > right ? 1 : 0);
  const of = (suffix: string, left: Type, right = left): Overload => overload(`${id}_${suffix}`, [left, right], boolType, run);
  return declare(name,
    of("bool", boolType), overload(`${id}_int64`, [intType, intType], boolType, quick),
    of("int64_double", intType, doubleType), of("int64_uint64", intType, uintType),
    of("uint64", uintType), of("uint64_double", uintType, doubleType), of("uint64_int64", uintType, intType),
    of("double", doubleType), of("double_int64", doubleType, intType), of("double_uint64", doubleType, uintType),
    of("string", stringType), of("bytes", bytesType), of("timestamp", timestampType), of("duration", durationType));
}

function double(id: string, run: (left: number, right: number) => number): Overload {
  return overload(id, [doubleType, doubleType], doubleType, (left: Double, right: Double) => new Double(run(left.value, right.value)));
}

/** Of points in time and lengths of time, which count in nanoseconds. */
function span(id: string, types: readonly Type[], result: Type, run: (left: bigint, right: bigint) => Value): Overload {
  return overload(id, types, result, (left: Timestamp | Duration, right: Timestamp | Duration) => run(left.nanos, right.nanos));
}

function joinBytes(left: Bytes, right: Bytes): Bytes {
  checkLength(left.length + right.length);
  const data = new Uint8Array(left.length + right.length);
  data.set(left.data);
  data.set(right.data, left.length);
  return new Bytes(data);
}

function joinLists(left: CelList, right: CelList): CelList {
  return left.identity === undefined ? left.concat(right) : mergeByIdentity(left, right, left.identity);
}

function at(nanos: bigint): Timestamp {
  const timestamp = timestampOf(nanos);
  if (timestamp === undefined) throw new EvaluationError("timestamp overflow");
  return timestamp;
}

function lasting(nanos: bigint): Duration {
  const duration = durationOf(nanos);
  if (duration === undefined) throw new EvaluationError("duration overflow");
  return duration;
}

