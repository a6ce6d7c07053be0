import { utf8, utf8Text, Bytes } from "../../values/bytes.ts";
import { formatDouble } from "../../values/format-double.ts";
import { CelList } from "../../values/list.ts";
import { CelMap } from "../../values/map.ts";
import { Double, isInt, Uint } from "../../values/numbers.ts";
import { CelObject } from "../../values/object.ts";
import { Duration, formatSeconds, formatTimestamp, Timestamp } from "../../values/time.ts";
import type { Type } from "../../types/type.ts";
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

/** One `%…` of a format, which takes one argument. */
export interface Clause {
  readonly letter: string;
  /** Digits after the point. */
  readonly precision: number;
  /** Where it stands in the format. */
  readonly start: number;
  readonly end: number;
}

/** The clauses of a format, in order; `%%` is none, for it takes no argument. */
export function* clausesOf(format: string): Generator<RegExpExecArray> {
  for (const match of format.matchAll(/%(?:%|(?:\.(\d*))?([^]?))/gu)) if (match[0] !== "%%") yield match;
}

/** @throws EvaluationError in upstream's wording when it cannot be understood */
export function readClause(match: RegExpExecArray): Clause {
  const [whole, precision, letter = ""] = match;
  if (letter === "" && precision === undefined) throw new EvaluationError("unexpected end of string");
  if (letter === "") throw unreadable("error while parsing precision: could not find end of precision specifier");
  const digits = precision === undefined ? defaultPrecision : precision === "" ? Number.NaN : Number(precision);
  if (!(digits <= largestPrecision)) {
    const problem = `strconv.Atoi: parsing ${quote(precision ?? "")}: ${precision === "" ? "invalid syntax" : "value out of range"}`;
    throw unreadable(`error while parsing precision: error while converting precision to integer: ${problem}`);
  }
  if (!Object.hasOwn(clauses, letter)) throw unreadable(`unrecognized formatting clause "${letter}"`);
  return { letter, precision: digits, start: match.index, end: match.index + whole.length };
}

function unreadable(problem: string): EvaluationError {
  return new EvaluationError(`could not parse formatting clause: ${problem}`);
}

/** For each clause, the types that it takes, and what is said of others. */
export const clauses: { readonly [letter: string]: { readonly takes: readonly Type["is"][]; readonly complaint: string } } = {
  s: {
    takes: ["list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes", "duration", "type", "null"],
    complaint: "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  },
  d: { takes: ["int", "uint"], complaint: "decimal clause can only be used on integers" },
  f: { takes: ["double", "string"], complaint: "fixed-point clause can only be used on doubles" },
  e: { takes: ["double", "string"], complaint: "scientific clause can only be used on doubles" },
  b: { takes: ["int", "uint", "bool"], complaint: "only integers and bools can be formatted as binary" },
  o: { takes: ["int", "uint"], complaint: "octal clause can only be used on integers" },
  x: { takes: ["int", "uint", "string", "bytes"], complaint: "only integers, byte buffers, and strings can be formatted as hex" },
  X: { takes: ["int", "uint", "string", "bytes"], complaint: "only integers, byte buffers, and strings can be formatted as hex" },
};

/** Fills a format such as `"%s is %.2f"` (cel-go, ext/strings). @throws EvaluationError in upstream's wording */
export function formatText(format: string, values: CelList, version: FormatVersion): string {
  let [result, end, used] = ["", 0, 0];
  for (const match of clausesOf(format)) {
    const value = values.at(used);
    if (value === undefined) throw new EvaluationError(`index ${used} out of range`);
    used++;
    const clause = readClause(match);
    result += format.slice(end, clause.start).replaceAll("%%", "%") + fill(clause, value, version);
    end = clause.end;
    checkLength(result.length);
  }
  return result + format.slice(end).replaceAll("%%", "%");
}

function fill({ letter, precision }: Clause, value: Value, version: FormatVersion): string {
  switch (letter) {
    case "s":
      return textOf(value, version);
    case "d":
      if (value instanceof Double && version === 2 && !Number.isFinite(value.value)) return String(value.value);
      return isInt(value) || value instanceof Uint ? wholeText(value) : refuse(letter, value);
    case "f":
      return fraction(letter, value, (number) => grouped(fixedDecimal(number, precision), version));
    case "e":
      return fraction(letter, value, (number) => scientific(number, precision, version));
    case "b":
      return typeof value === "boolean" ? String(Number(value)) : inBase(letter, value, 2);
    case "o":
      return inBase(letter, value, 8);
    case "x":
      return hexadecimal(letter, value);
    default:
      return hexadecimal(letter, value).toUpperCase();
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
  if (value instanceof CelList) return `[${joined(value, (inner) => nested(inner, version))}]`;
  if (value instanceof CelMap) return mapText(value, version);
  return refuse("s", value);
}

function mapText(map: CelMap, version: FormatVersion): string {
  const entries = Array.from(map.entries(), ([key, value]) => `${nested(key, version)}${version === 1 ? ":" : ": "}${nested(value, version)}`);
  return `{${joined(entries.toSorted(), (entry) => entry)}}`;
}

function joined<T>(parts: Iterable<T>, textOfPart: (part: T) => string): string {
  let whole = "";
  for (const part of parts) {
    whole += `${whole === "" ? "" : ", "}${textOfPart(part)}`;
    checkLength(whole.length);
  }
  return whole;
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

function inBase(letter: string, value: Value, base: 2 | 8 | 16): string {
  if (!isInt(value) && !(value instanceof Uint)) return refuse(letter, value);
  return (value instanceof Uint ? value.value : value).toString(base);
}

function hexadecimal(letter: string, value: Value): string {
  const bytes = typeof value === "string" ? utf8(value) : value instanceof Bytes ? value.data : undefined;
  if (bytes === undefined) return inBase(letter, value, 16);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fraction(letter: string, value: Value, write: (number: number) => string): string {
  const named = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY }[value as "NaN"];
  const number = value instanceof Double ? value.value : typeof value === "string" ? named : undefined;
  if (number === undefined) return refuse(letter, value);
  return Number.isFinite(number) ? write(number) : String(number);
}

function scientific(number: number, precision: number, version: FormatVersion): string {
  // The first version takes the precision for the width that the text has at least.
  const { mantissa, exponent } = scientificDecimal(number, version === 1 ? defaultPrecision : precision);
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  if (version === 2) return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  const superscript = Array.from(digits, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit))).join("");
  return `${mantissa}×10${exponent < 0 ? "⁻" : ""}${superscript}`.padStart(precision);
}

function grouped(decimal: string, version: FormatVersion): string {
  return version === 2 ? decimal : decimal.replace(/^-?\d+/, (whole) => whole.replaceAll(/\d(?=(\d{3})+$)/g, "$&,"));
}

function refuse(letter: string, value: Value): never {
  throw new EvaluationError(complaintAbout(letter, typeName(typeOfValue(value))));
}

/** @param type its name */
export function complaintAbout(letter: string, type: string): string {
  return `error during formatting: ${clauses[letter]?.complaint ?? ""}, was given ${type}`;
}
