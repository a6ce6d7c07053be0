import type { Wrap } from "../values/value.ts";
import { EvaluationError, type Value } from "../values/value.ts";

/** A planned expression: gives its value within one evaluation. @throws EvaluationError, BudgetError */
export type Step = (frame: Frame) => Value;

/** The evaluation has cost more than it may. Nothing absorbs this. The message is upstream's. */
export class BudgetError extends Error {
  override readonly name = "BudgetError";

  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** Plain data by the names of variables. A function is asked when, and only if, the variable is used; once for an evaluation. */
export interface Variables {
  readonly [name: string]: unknown;
}

/** One evaluation: its variables, the loop variables of where it is, and what it has cost. */
export class Frame {
  /** By slot, which the planner gives out. */
  readonly locals: (Value | Deferred)[] = [];
  cost = 0;
  readonly #limit: number;
  readonly #variables: Variables;
  readonly #resolved = new Map<string, Value>();

  constructor(variables: Variables, limit: number) {
    this.#variables = variables;
    this.#limit = limit;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new BudgetError();
  }

  variable(name: string, wrap: Wrap): Value {
    let value = this.#resolved.get(name);
    if (value === undefined) {
      if (!Object.hasOwn(this.#variables, name)) throw new EvaluationError(`no such attribute(s): ${name}`);
      const given = this.#variables[name];
      value = wrap(typeof given === "function" ? (given as () => unknown)() : given);
      this.#resolved.set(name, value);
    }
    return value;
  }
}

/** Stands in a slot for a value that is yet to be made, or could not be made. */
export interface Deferred {
  readonly isDeferred: true;
  value(frame: Frame): Value;
}

export function isDeferred(local: Value | Deferred): local is Deferred {
  return typeof local === "object" && local !== null && "isDeferred" in local;
}

/** An error as the state of a fold: whoever reads it fails, unless `&&` or `||` absorbs that. */
export class Failure implements Deferred {
  readonly isDeferred = true;
  readonly #error: EvaluationError;

  constructor(error: EvaluationError) {
    this.#error = error;
  }

  value(): never {
    throw this.#error;
  }
}
