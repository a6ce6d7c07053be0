import { regularExpression, type RegularExpression } from "../../regular-expressions/regular-expression.ts";
import { declare, member } from "../../types/declarations.ts";
import { intType, listOf, stringType } from "../../types/type.ts";
import { CelList } from "../../values/list.ts";
import type { Int } from "../../values/numbers.ts";
import { EvaluationError } from "../../values/value.ts";
import type { Library } from "../library.ts";

const text = stringType;

/** Kubernetes' functions for regular expressions: what a pattern finds in a text. */
export const regularExpressionsLibrary: Library = {
  functions: [
    declare("find", member("string_find_string", [text, text], text, find)),
    declare("findAll",
      member("string_find_all_string", [text, text], listOf(text), (whole: string, pattern: string) => findAll(whole, pattern, -1)),
      member("string_find_all_string_int", [text, text, intType], listOf(text), findAll)),
  ],
};

function find(whole: string, pattern: string): string {
  const match = compiled(pattern).find(whole);
  return match === undefined ? "" : whole.slice(match.start, match.end);
}

/** Matches that do not overlap. @param limit how many there are at most; all when negative */
function findAll(whole: string, pattern: string, limit: Int): CelList {
  const expression = compiled(pattern);
  const found: string[] = [];
  let previousEnd = -1;
  for (let at = 0; at <= whole.length && (limit < 0 || found.length < limit); ) {
    const match = expression.find(whole, at);
    if (match === undefined) break;
    const isEmpty = match.start === match.end;
    // Nothing right after a match is no match.
    if (!isEmpty || match.start !== previousEnd) found.push(whole.slice(match.start, match.end));
    previousEnd = match.end;
    at = isEmpty ? match.end + ((whole.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1) : match.end;
  }
  return CelList.of(found);
}

function compiled(pattern: string): RegularExpression {
  try {
    return regularExpression(pattern);
  } catch (error) {
    if (error instanceof EvaluationError) throw new EvaluationError(`Illegal regex: ${error.message}`);
    throw error;
  }
}
