import type { Call, Expression, ListLiteral, MapLiteral } from "../syntax/expression.ts";
import type { Issue } from "../syntax/source.ts";
import { partsOf } from "../syntax/parts.ts";
import { errorType, formatType, sameType, type Type, unwrapOptional } from "../types/type.ts";
import type { Checked } from "./checked.ts";

/** Elements of a list that is written out have one type, and so have the keys and the values of a map; not so what is formatted. */
export function checkHomogeneousLiterals(checked: Checked): readonly Issue[] {
  return problemsIn(checked.expression, checked);
}

function problemsIn(node: Expression, checked: Checked): readonly Issue[] {
  if (isFormat(node)) return node.target === undefined ? [] : problemsIn(node.target, checked);
  return [...ownProblems(node, checked), ...partsOf(node).flatMap((part) => problemsIn(part, checked))];
}

function isFormat(node: Expression): node is Call {
  return node.is === "call" && node.name === "format";
}

function ownProblems(node: Expression, checked: Checked): readonly Issue[] {
  const typeOf = (part: Expression, optional: boolean): Type => {
    const type = checked.types.get(part) ?? errorType;
    return optional ? (unwrapOptional(type) ?? type) : type;
  };
  if (node.is === "list") return firstMismatch(node.elements, typeOf, ({ value }) => value);
  if (node.is !== "map") return [];
  const keys = firstMismatch(node.entries, (key) => typeOf(key, false), ({ key }) => key);
  return [...keys, ...firstMismatch(node.entries, typeOf, ({ value }) => value)];
}

type Element = (ListLiteral["elements"] | MapLiteral["entries"])[number];

function firstMismatch<T extends Element>(
  elements: readonly T[], typeOf: (part: Expression, optional: boolean) => Type, pick: (element: T) => Expression,
): Issue[] {
  let expected: Type | undefined;
  for (const element of elements) {
    const part = pick(element);
    const type = typeOf(part, element.optional);
    expected ??= type;
    if (!sameType(expected, type)) return [{ at: part.at, message: `expected type '${formatType(expected)}' but found '${formatType(type)}'` }];
  }
  return [];
}
