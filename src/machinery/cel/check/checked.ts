import type { Expression } from "../syntax/expression.ts";
import type { Overload } from "../types/declarations.ts";
import type { Type } from "../types/type.ts";

/** What the type checker has found out about an expression, node by node. */
export interface Checked {
  readonly expression: Expression;
  readonly types: ReadonlyMap<Expression, Type>;
  readonly references: ReadonlyMap<Expression, Reference>;
}

/** What a name stands for. */
export type Reference =
  | { readonly is: "variable"; readonly name: string }
  | { readonly is: "type"; readonly type: Type }
  | {
    readonly is: "function";
    readonly name: string;
    /** Those that fit what is known of the arguments; more than one when some of them are dyn. */
    readonly overloads: readonly Overload[];
    /** What looks like the target of a member call is the first part of the function's name: `ip.isCanonical(…)`. */
    readonly qualified: boolean;
  };

/** The name that a chain of selections spells, if it is one: `a.b.c`. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.is === "identifier") return expression.name;
  if (expression.is !== "select" || expression.testOnly) return undefined;
  const prefix = qualifiedName(expression.operand);
  return prefix === undefined ? undefined : `${prefix}.${expression.field}`;
}
