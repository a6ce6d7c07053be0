import type { Value } from "../values/value.ts";
import type { Type } from "./type.ts";

/** A function of the language or of a library; one name may have several meanings. */
export interface FunctionDeclaration {
  /** Operators have names such as `_+_`. */
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/** One meaning of a function: for which types, with what result. */
export interface Overload {
  /** Unique; costs go by it. */
  readonly id: string;
  /** Called on its first argument: `text.contains(part)`. */
  readonly isMember: boolean;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Does the work; the values fit the parameters. @throws EvaluationError */
  readonly run: (...values: never[]) => Value;
}

/** Declares a meaning that is called by name: `size(list)`. */
export function overload(id: string, parameters: readonly Type[], result: Type, run: Overload["run"]): Overload {
  return { id, isMember: false, parameters, result, run };
}

/** Declares a meaning that is called on its first parameter: `list.size()`. */
export function member(id: string, parameters: readonly Type[], result: Type, run: Overload["run"]): Overload {
  return { id, isMember: true, parameters, result, run };
}

export function declare(name: string, ...overloads: Overload[]): FunctionDeclaration {
  return { name, overloads };
}
