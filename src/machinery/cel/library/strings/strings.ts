import { declare, member, overload } from "../../types/declarations.ts";
import { dynType, intType, listOf, stringType } from "../../types/type.ts";
import { CelList } from "../../values/list.ts";
import type { Int } from "../../values/numbers.ts";
import { codePointCount, codePointSlice, unitOffset } from "../../values/text.ts";
import { EvaluationError } from "../../values/value.ts";
import type { Library } from "../library.ts";
import { formatText, type FormatVersion } from "./format.ts";
import { checkLength } from "./text-limit.ts";

const text = stringType;
/** At either end; what Unicode calls white space (not what JavaScript does, which takes the byte order mark along). */
const space = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const outerSpace = new RegExp(`^${space}+|${space}+$`, "g");

/**
 * The extended strings library of cel-go, version 2 (ext/strings). Positions count code points.
 * @param version of what `format` writes: Kubernetes has kept to the first
 */
export function stringsLibrary(version: FormatVersion): Library {
  return {
    functions: [
      declare("charAt", member("string_char_at_int", [text, intType], text, charAt)),
      declare("indexOf",
        member("string_index_of_string", [text, text], intType, (whole: string, part: string) => indexOf(whole, part, 0)),
        member("string_index_of_string_int", [text, text, intType], intType, indexOf)),
      declare("lastIndexOf",
        member("string_last_index_of_string", [text, text], intType, (whole: string, part: string) => lastIndexOf(whole, part)),
        member("string_last_index_of_string_int", [text, text, intType], intType, lastIndexOf)),
      declare("lowerAscii", member("string_lower_ascii", [text], text, lowerAscii)),
      declare("upperAscii", member("string_upper_ascii", [text], text, upperAscii)),
      declare("replace",
        member("string_replace_string_string", [text, text, text], text, (whole: string, old: string, next: string) => replace(whole, old, next, -1)),
        member("string_replace_string_string_int", [text, text, text, intType], text, replace)),
      declare("split",
        member("string_split_string", [text, text], listOf(text), (whole: string, separator: string) => split(whole, separator, -1)),
        member("string_split_string_int", [text, text, intType], listOf(text), split)),
      declare("substring",
        member("string_substring_int", [text, intType], text, (whole: string, start: Int) => substring(whole, start)),
        member("string_substring_int_int", [text, intType, intType], text, substring)),
      declare("trim", member("string_trim", [text], text, (whole: string) => whole.replaceAll(outerSpace, ""))),
      declare("format",
        member("string_format", [text, listOf(dynType)], text, (format: string, values: CelList) => formatText(format, values, version))),
      declare("strings.quote", overload("strings_quote", [text], text, quoteText)),
      declare("join",
        member("list_join", [listOf(text)], text, (parts: CelList) => join(parts, "")),
        member("list_join_string", [listOf(text), text], text, join)),
    ],
  };
}

function lowerAscii(whole: string): string {
  return whole.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upperAscii(whole: string): string {
  return whole.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function charAt(whole: string, index: Int): string {
  if (index < 0 || index > codePointCount(whole)) throw outOfRange(index);
  return codePointSlice(whole, Number(index), Number(index) + 1);
}

function indexOf(whole: string, part: string, from: Int): Int {
  if (part === "") return from;
  if (from < 0) throw outOfRange(from);
  if (from >= codePointCount(whole)) return -1;
  const found = whole.indexOf(part, unitOffset(whole, Number(from)));
  return found < 0 ? -1 : codePointCount(whole.slice(0, found));
}

function lastIndexOf(whole: string, part: string, from?: Int): Int {
  const length = codePointCount(whole);
  if (part === "") return from ?? length;
  if (from !== undefined && from < 0) throw outOfRange(from);
  if (from !== undefined && from >= length) return -1;
  const found = whole.lastIndexOf(part, unitOffset(whole, from === undefined ? length : Number(from)));
  return found < 0 ? -1 : codePointCount(whole.slice(0, found));
}

/** @param limit how many are replaced; all when negative */
function replace(whole: string, old: string, next: string, limit: Int): string {
  const pieces = old === "" ? ["", ...Array.from(whole), ""] : whole.split(old);
  if (old === "" && whole !== "") pieces.splice(1, 2, pieces[1] ?? "", ...pieces.slice(2, 3));
  const count = limit < 0 ? pieces.length - 1 : Math.min(Number(limit), pieces.length - 1);
  checkLength(whole.length + count * next.length);
  const head = pieces.slice(0, count + 1).join(next);
  return count === pieces.length - 1 ? head : head + old + pieces.slice(count + 1).join(old);
}

/** @param limit how many parts there are at most, the last one with all that is left; any number when negative */
function split(whole: string, separator: string, limit: Int): CelList {
  if (limit === 0) return CelList.of([]);
  const parts = separator === "" ? Array.from(whole) : whole.split(separator);
  if (limit < 0 || parts.length <= limit) return CelList.of(parts);
  const kept = parts.slice(0, Number(limit) - 1);
  return CelList.of([...kept, parts.slice(kept.length).join(separator)]);
}

function substring(whole: string, start: Int, end?: Int): string {
  const length = codePointCount(whole);
  if (end !== undefined && start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > length) throw outOfRange(start);
  if (end !== undefined && (end < 0 || end > length)) throw outOfRange(end);
  return codePointSlice(whole, Number(start), end === undefined ? undefined : Number(end));
}

function join(parts: CelList, separator: string): string {
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    if (typeof part !== "string") throw new EvaluationError("join: invalid input");
    length += part.length + separator.length;
    checkLength(length);
    texts.push(part);
  }
  return texts.join(separator);
}

const escapes = new Map([
  ["\u0007", "\\a"], ["\b", "\\b"], ["\f", "\\f"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"], ["\v", "\\v"], ["\\", "\\\\"], ['"', '\\"'],
]);

/** The text as a literal of an expression. */
function quoteText(whole: string): string {
  checkLength(whole.length * 2);
  return `"${whole.replaceAll(/\p{Surrogate}/gu, "\ufffd").replaceAll(/[\u0007-\r\\"]/g, (character) => escapes.get(character) ?? character)}"`;
}

function outOfRange(index: Int): EvaluationError {
  return new EvaluationError(`index out of range: ${index}`);
}
