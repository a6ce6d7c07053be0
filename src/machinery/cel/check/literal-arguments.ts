import { PatternError } from "../regular-expressions/tree.ts";
import { RegularExpression } from "../regular-expressions/regular-expression.ts";
import type { Call, Expression } from "../syntax/expression.ts";
import type { Issue } from "../syntax/source.ts";
import { walk } from "../syntax/parts.ts";
import { parseDuration, parseTimestamp } from "../values/time.ts";
import type { Checked } from "./checked.ts";

/** Texts that are written out and stand where only certain ones make sense: points and lengths of time, regular expressions. */
export function checkLiteralArguments({ expression }: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  for (const node of walk(expression)) {
    const wrong = node.is === "call" ? wrongArgument(node) : undefined;
    if (wrong !== undefined) issues.push(wrong);
  }
  return issues;
}

function wrongArgument(call: Call): Issue | undefined {
  const isFine = literalChecks.get(call.name);
  const literal = call.name === "matches" ? call.arguments.at(-1) : call.arguments[0];
  const text = textOf(literal);
  if (isFine === undefined || literal === undefined || text === undefined || isFine(text)) return undefined;
  return { at: literal.at, message: `invalid ${call.name} argument` };
}

const literalChecks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["duration", (text) => parseDuration(text) !== undefined],
  ["timestamp", (text) => parseTimestamp(text) !== undefined],
  ["matches", isPattern],
]);

function isPattern(text: string): boolean {
  try {
    void new RegularExpression(text);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

function textOf(node: Expression | undefined): string | undefined {
  return node?.is === "literal" && typeof node.value === "string" ? node.value : undefined;
}
