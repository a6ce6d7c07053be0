import { utf8, utf8Text, Bytes } from "../../values/bytes.ts";
import { formatDouble } from "../../values/format-double.ts";
import { CelList } from "../../values/list.ts";
import { CelMap } from "../../values/map.ts";
import { Double, isInt, Uint } from "../../values/numbers.ts";
import { CelObject } from "../../values/object.ts";
import { Duration, formatSeconds, formatTimestamp, Timestamp } from "../../values/time.ts";
import { typeName, typeOfValue } from "../../values/types.ts";
import { EvaluationError, TypeValue, type Value } from "../../values/value.ts";
import { quote } from "../../../quote.ts";
import { fixedDecimal, scientificDecimal } from "./exact-decimal.ts";
import { checkLength } from "./text-limit.ts";

/**
 * What `format` writes. The first version sets numbers as English typography does (`1,234.5`, `1.5 × 10⁰³`) and writes what is inside
 * of lists and maps as an expression would; the second writes all as Go does.
 */
export type FormatVersion = 1 | 2;

const defaultPrecision = 6;
const largestPrecision = 1000;

/** Fills a format such as `"%s is %.2f"` (cel-go, ext/strings). @throws EvaluationError in upstream's wording */
export function formatText(format: string, values: CelList, version: FormatVersion): string {
  let [result, end, used] = ["", 0, 0];
  for (const clause of format.matchAll(/%(?:%|(?:\.(\d*))?([^]?))/gu)) {
    result += format.slice(end, clause.index);
    end = clause.index + clause[0].length;
    result += clause[0] === "%%" ? "%" : formatClause(clause, values.at(used), used++, version);
    checkLength(result.length);
  }
  return result + format.slice(end);
}

function formatClause([, precision, letter = ""]: RegExpExecArray, value: Value | undefined, index: number, version: FormatVersion): string {
  if (value === undefined) throw new EvaluationError(`index ${index} out of range`);
  if (letter === "" && precision === undefined) throw new EvaluationError("unexpected end of string");
  const unreadable = (problem: string): never => {
    throw new EvaluationError(`could not parse formatting clause: ${problem}`);
  };
  if (letter === "") return unreadable("error while parsing precision: could not find end of precision specifier");
  const digits = precision === undefined ? defaultPrecision : precision === "" ? Number.NaN : Number(precision);
  if (!(digits <= largestPrecision)) return unreadable(`error while parsing precision: error while converting precision to integer: "${precision}"`);
  switch (letter) {
    case "s":
      return textOf(value, version);
    case "d":
      if (value instanceof Double && version === 2 && !Number.isFinite(value.value)) return String(value.value);
      return isInt(value) || value instanceof Uint ? wholeText(value) : wrongType("decimal clause can only be used on integers", value);
    case "f":
      return fraction(value, "fixed-point", (number) => grouped(fixedDecimal(number, digits), version));
    case "e":
      return fraction(value, "scientific", (number) => scientific(number, digits, version));
    case "b":
      return typeof value === "boolean" ? String(Number(value)) : inBase(value, 2, "only integers and bools can be formatted as binary");
    case "o":
      return inBase(value, 8, "octal clause can only be used on integers");
    case "x":
      return hexadecimal(value);
    case "X":
      return hexadecimal(value).toUpperCase();
    default:
      return unreadable(`unrecognized formatting clause "${letter}"`);
  }
}

/** `%s` */
function textOf(value: Value, version: FormatVersion): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (value === null) return "null";
  if (isInt(value) || value instanceof Uint) return wholeText(value);
  if (value instanceof Double) return version === 1 || Number.isFinite(value.value) ? formatDouble(value.value) : String(value.value);
  if (value instanceof Bytes) return utf8Text(value) ?? new TextDecoder().decode(value.data);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatSeconds(value);
  if (value instanceof TypeValue) return typeName(value.of);
  if (value instanceof CelList) return `[${[...value].map((inner) => nested(inner, version)).join(", ")}]`;
  if (value instanceof CelMap) return mapText(value, version);
  return wrongType("string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps", value);
}

function mapText(map: CelMap, version: FormatVersion): string {
  const entries = [...map.entries()].map(([key, value]) => `${nested(key, version)}${version === 1 ? ":" : ": "}${nested(value, version)}`);
  return `{${entries.toSorted().join(", ")}}`;
}

function nested(value: Value, version: FormatVersion): string {
  if (value instanceof CelObject) throw new EvaluationError(`error during formatting: no formatting function for ${typeName(value.type)}`);
  return version === 1 ? asWritten(value) : textOf(value, version);
}

/** A value as it would be written in an expression. */
function asWritten(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (value instanceof Bytes) return `b${quote(textOf(value, 1))}`;
  if (value instanceof Timestamp) return `timestamp(${quote(textOf(value, 1))})`;
  if (value instanceof Duration) return `duration(${quote(textOf(value, 1))})`;
  if (value instanceof Double) return Number.isFinite(value.value) ? fixedDecimal(value.value, defaultPrecision) : quote(textOf(value, 1));
  return textOf(value, 1);
}

function wholeText(value: number | bigint | Uint): string {
  return String(value instanceof Uint ? value.value : value);
}

function inBase(value: Value, base: 2 | 8 | 16, complaint: string): string {
  if (!isInt(value) && !(value instanceof Uint)) return wrongType(complaint, value);
  return (value instanceof Uint ? value.value : value).toString(base);
}

function hexadecimal(value: Value): string {
  const bytes = typeof value === "string" ? utf8(value) : value instanceof Bytes ? value.data : undefined;
  if (bytes === undefined) return inBase(value, 16, "only integers, byte buffers, and strings can be formatted as hex");
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fraction(value: Value, clause: string, write: (number: number) => string): string {
  const named = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY }[value as "NaN"];
  const number = value instanceof Double ? value.value : typeof value === "string" ? named : undefined;
  if (number === undefined) return wrongType(`${clause} clause can only be used on doubles`, value);
  return Number.isFinite(number) ? write(number) : String(number);
}

function scientific(number: number, precision: number, version: FormatVersion): string {
  const { mantissa, exponent } = scientificDecimal(number, precision);
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  if (version === 2) return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  return `${mantissa}\u202f×\u202f10${exponent < 0 ? "⁻" : ""}${Array.from(digits, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit))).join("")}`;
}

function grouped(decimal: string, version: FormatVersion): string {
  return version === 2 ? decimal : decimal.replace(/^-?\d+/, (whole) => whole.replaceAll(/\d(?=(\d{3})+$)/g, "$&,"));
}

function wrongType(complaint: string, value: Value): never {
  throw new EvaluationError(`error during formatting: ${complaint}, was given ${typeName(typeOfValue(value))}`);
}
