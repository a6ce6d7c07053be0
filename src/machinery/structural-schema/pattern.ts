import { RegularExpression } from "../cel/regular-expressions/regular-expression.ts";
import { PatternError } from "../cel/regular-expressions/tree.ts";

/** A pattern of a schema, which is a regular expression as Go has it (RE2). @throws PatternError */
export function patternOf(pattern: string): { test(text: string): boolean } {
  return new RegularExpression(pattern);
}

/** Why a text is no pattern, in Go's wording. */
export function patternProblem(pattern: string): string | undefined {
  try {
    patternOf(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
