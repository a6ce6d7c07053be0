import { type Clause, clauses, clausesOf, complaintAbout, readClause } from "../library/strings/format.ts";
import type { Call, Expression } from "../syntax/expression.ts";
import { partsOf, walk } from "../syntax/parts.ts";
import type { Issue } from "../syntax/source.ts";
import { dynType } from "../types/type.ts";
import { typeName } from "../values/types.ts";
import { EvaluationError } from "../values/value.ts";
import type { Checked } from "./checked.ts";

/** Formats that are written out, with arguments that are: whether they go together is known before they run. */
export function checkFormatCalls(checked: Checked): readonly Issue[] {
  return [...walk(checked.expression)].flatMap((node) => (node.is === "call" && node.name === "format" ? checkFormat(node, checked) : []));
}

function checkFormat(call: Call, checked: Checked): readonly Issue[] {
  const [list] = call.arguments;
  if (call.target?.is !== "literal" || typeof call.target.value !== "string" || list?.is !== "list") return [];
  const given = list.elements.length;
  let used = 0;
  for (const match of clausesOf(call.target.value)) {
    const part = list.elements[used]?.value;
    const issue = part === undefined ? { at: call.at, message: `index ${used} out of range` } : clauseIssue(match, part, call, checked);
    if (issue !== undefined) return [issue];
    used++;
  }
  if (given <= used) return [];
  return [{ at: call.at, message: `too many arguments supplied to string.format (expected ${used}, got ${given})` }];
}

function clauseIssue(match: RegExpExecArray, part: Expression, call: Call, checked: Checked): Issue | undefined {
  let clause: Clause;
  try {
    clause = readClause(match);
  } catch (error) {
    if (error instanceof EvaluationError) return { at: call.at, message: error.message };
    throw error;
  }
  const wrong = misfit(part, clause.letter, checked);
  if (wrong === undefined) return undefined;
  return { at: wrong.at, message: complaintAbout(clause.letter, typeName(checked.types.get(wrong) ?? dynType)) };
}

/** The argument, or a part of it, that the clause does not take. */
function misfit(part: Expression, letter: string, checked: Checked): Expression | undefined {
  const type = checked.types.get(part) ?? dynType;
  if (type.is !== "dyn" && clauses[letter]?.takes.includes(type.is) !== true) return part;
  if (letter !== "s" || (part.is !== "list" && part.is !== "map")) return undefined;
  return partsOf(part).map((inner) => misfit(inner, letter, checked)).find((inner) => inner !== undefined);
}
