import { declare, type FunctionDeclaration, type Overload, overload } from "../../types/declarations.ts";
import { boolType, bytesType, doubleType, durationType, dynType, intType, mapOf, parameter, stringType, timestampType, type Type, typeOf, uintType } from "../../types/type.ts";
import { fit, fitUint } from "../../values/arithmetic.ts";
import { Bytes, utf8, utf8Text } from "../../values/bytes.ts";
import { formatDouble } from "../../values/format-double.ts";
import { Double, type Int, intOf, parseInt64, parseUint64, Uint } from "../../values/numbers.ts";
import { Duration, formatSeconds, formatTimestamp, parseDuration, parseTimestamp, split, type Timestamp, timestampOf } from "../../values/time.ts";
import { CelObject } from "../../values/object.ts";
import { typeName, typeOfValue } from "../../values/types.ts";
import { EvaluationError, TypeValue, type Value } from "../../values/value.ts";

const a = parameter("A");
/** Objects call themselves maps, whatever their schema. */
const anyMap = mapOf(dynType, dynType);

/** `int(…)`, `string(…)` and so on (CEL specification, "Type Conversions"). */
export const conversions: readonly FunctionDeclaration[] = [
  declare("type", overload("type", [a], typeOf(a), (value: Value) => new TypeValue(value instanceof CelObject ? anyMap : typeOfValue(value)))),
  declare("dyn", overload("to_dyn", [a], dynType, (value: Value) => value)),
  declare("bool", same("bool_to_bool", boolType), overload("string_to_bool", [stringType], boolType, parseBool)),
  declare("bytes", same("bytes_to_bytes", bytesType), overload("string_to_bytes", [stringType], bytesType, (text: string) => new Bytes(utf8(text)))),
  declare("double",
    same("double_to_double", doubleType),
    overload("int64_to_double", [intType], doubleType, (value: Int) => new Double(Number(value))),
    overload("string_to_double", [stringType], doubleType, parseDouble),
    overload("uint64_to_double", [uintType], doubleType, (value: Uint) => new Double(Number(value.value)))),
  declare("duration",
    same("duration_to_duration", durationType),
    overload("int64_to_duration", [intType], durationType, (value: Int) => new Duration(BigInt(value))),
    overload("string_to_duration", [stringType], durationType, (text: string) =>
      parseDuration(text) ?? unconvertible("string", "google.protobuf.Duration"))),
  declare("int",
    same("int64_to_int64", intType),
    overload("double_to_int64", [doubleType], intType, doubleToInt),
    overload("duration_to_int64", [durationType], intType, (value: Duration) => intOf(value.nanos)),
    overload("string_to_int64", [stringType], intType, parseDecimal),
    overload("timestamp_to_int64", [timestampType], intType, (value: Timestamp) => intOf(split(value.nanos).seconds)),
    overload("uint64_to_int64", [uintType], intType, (value: Uint) => fit(BigInt(value.value)))),
  declare("string",
    same("string_to_string", stringType),
    overload("bool_to_string", [boolType], stringType, (value: boolean) => String(value)),
    overload("bytes_to_string", [bytesType], stringType, decodeText),
    overload("double_to_string", [doubleType], stringType, (value: Double) => formatDouble(value.value)),
    overload("duration_to_string", [durationType], stringType, formatSeconds),
    overload("int64_to_string", [intType], stringType, (value: Int) => String(value)),
    overload("timestamp_to_string", [timestampType], stringType, formatTimestamp),
    overload("uint64_to_string", [uintType], stringType, (value: Uint) => String(value.value))),
  declare("timestamp",
    same("timestamp_to_timestamp", timestampType),
    overload("int64_to_timestamp", [intType], timestampType, secondsToTimestamp),
    overload("string_to_timestamp", [stringType], timestampType, (text: string) =>
      parseTimestamp(text) ?? unconvertible("string", "google.protobuf.Timestamp"))),
  declare("uint",
    same("uint64_to_uint64", uintType),
    overload("double_to_uint64", [doubleType], uintType, doubleToUint),
    overload("int64_to_uint64", [intType], uintType, (value: Int) => fitUint(BigInt(value))),
    overload("string_to_uint64", [stringType], uintType, (text: string) => new Uint(parseDecimalUint(text)))),
];

function same(id: string, type: Type): Overload {
  return overload(id, [type], type, (value: Value) => value);
}

function unconvertible(from: string, to: string): never {
  throw new EvaluationError(`type conversion error from '${from}' to '${to}'`);
}

function parseBool(text: string): boolean {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? false : unconvertible("string", "bool");
}

function parseDecimal(text: string): Int {
  const value = text.includes("x") ? undefined : parseInt64(text);
  return value === undefined ? unconvertible("string", "int") : intOf(value);
}

function parseDecimalUint(text: string): Int {
  return (text.includes("x") ? undefined : parseUint64(text)) ?? unconvertible("string", "uint");
}

/** Decimal notation, and the names that Go knows for what is no number. */
function parseDouble(text: string): Double {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? new Double(value) : unconvertible("string", "double");
  }
  if (/^[+-]?nan$/i.test(text)) return new Double(Number.NaN);
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinity === null) return unconvertible("string", "double");
  return new Double(infinity[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

function doubleToInt({ value }: Double): Int {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw new EvaluationError("integer overflow");
  return intOf(BigInt(Math.trunc(value)));
}

function doubleToUint({ value }: Double): Uint {
  if (!(value >= 0 && value < 2 ** 64)) throw new EvaluationError("unsigned integer overflow");
  return new Uint(intOf(BigInt(Math.trunc(value))));
}

function decodeText(bytes: Bytes): string {
  const text = utf8Text(bytes);
  if (text === undefined) throw new EvaluationError("invalid UTF-8 in bytes, cannot convert to string");
  return text;
}

function secondsToTimestamp(seconds: Int): Timestamp {
  const timestamp = timestampOf(BigInt(seconds) * 1_000_000_000n);
  if (timestamp === undefined) throw new EvaluationError("timestamp overflow");
  return timestamp;
}

/** Names that stand for types in expressions: `type(x) == int`. */
export const typeNames: ReadonlyMap<string, Type> = new Map(
  [
    boolType, bytesType, doubleType, intType, uintType, stringType, durationType, timestampType, { is: "null" } as const,
    { is: "list", of: dynType } as const, anyMap, typeOf(),
  ].map((type) => [typeName(type), type]),
);
