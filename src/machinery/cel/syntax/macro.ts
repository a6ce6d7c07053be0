import type { Expression, Identifier } from "./expression.ts";

/** A call that the parser rewrites before anything else sees it. */
export interface Macro {
  readonly name: string;
  /** Called on something: `list.all(…)`. */
  readonly isMember: boolean;
  readonly argumentCount: number | "any";
  /**
   * `undefined` leaves the call as it is (a function of the same name may be meant).
   * @param at where errors about the whole call point to
   * @throws MacroError
   */
  expand(at: number, target: Expression | undefined, ...parts: Expression[]): Expression | undefined;
}

/** Macros go by their name, the number of their arguments, and whether they are called on something. */
export function macroKey(name: string, argumentCount: number | "any", isMember: boolean): string {
  return `${name}:${argumentCount}:${isMember}`;
}

/** A macro is used wrongly; the message is upstream's. */
export class MacroError extends Error {
  override readonly name = "MacroError";
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Folds go into this variable, which no expression can name. */
export const accumulator = "@result";
/** The loop variable of a comprehension that does not loop. */
export const unused = "#unused";

/** Shapes that macros are made of, all at one place in the text. */
export class Builder {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  literal(value: boolean | number): Expression {
    return { is: "literal", at: this.#at, value };
  }

  identifier(name: string): Expression {
    return { is: "identifier", at: this.#at, name };
  }

  accumulated(): Expression {
    return this.identifier(accumulator);
  }

  call(name: string, ...parts: Expression[]): Expression {
    return { is: "call", at: this.#at, name, arguments: parts };
  }

  memberCall(target: Expression, name: string, ...parts: Expression[]): Expression {
    return { is: "call", at: this.#at, name, target, arguments: parts };
  }

  list(...values: Expression[]): Expression {
    return { is: "list", at: this.#at, elements: values.map((value) => ({ value, optional: false })) };
  }

  emptyMap(): Expression {
    return { is: "map", at: this.#at, entries: [] };
  }

  /** Appends to the accumulated list, or leaves it when the filter says no. */
  append(value: Expression, filter?: Expression): Expression {
    return this.when(filter, this.call("_+_", this.accumulated(), this.list(value)));
  }

  when(filter: Expression | undefined, step: Expression): Expression {
    return filter === undefined ? step : this.call("_?_:_", filter, step, this.accumulated());
  }

  /** Folds all elements of `range`, unless `condition` ends it early. */
  fold(range: Expression, variables: Variables, fold: Fold): Expression {
    return {
      is: "comprehension", at: this.#at, range, variable: variables[0], accumulator, initial: fold.initial,
      condition: fold.condition ?? this.literal(true), step: fold.step, result: fold.result ?? this.accumulated(),
      ...(variables[1] === undefined ? {} : { secondVariable: variables[1] }),
    };
  }

  /** Gives `value` a name within `result`; evaluated when first used. */
  bind(name: string, value: Expression, result: Expression): Expression {
    return {
      is: "comprehension", at: this.#at, range: this.list(), variable: unused, accumulator: name, initial: value,
      condition: this.literal(false), step: this.identifier(name), result,
    };
  }
}

export type Variables = readonly [name: string, second?: string];

interface Fold {
  readonly initial: Expression;
  readonly condition?: Expression;
  readonly step: Expression;
  readonly result?: Expression;
}

/** The name of a loop variable. @throws MacroError */
export function variableName(expression: Expression, message = "argument must be a simple name"): string {
  if (expression.is !== "identifier") throw new MacroError(expression.at, message);
  const { name } = expression satisfies Identifier;
  if (name === accumulator || name === "__result__") throw new MacroError(expression.at, "iteration variable overwrites accumulator variable");
  return name;
}

/** all, exists and exists_one, over one variable or two. */
export const quantifiers: { readonly [name in "all" | "exists" | "existsOne"]: (build: Builder, predicate: Expression) => Fold } = {
  all: (build, predicate) => ({
    initial: build.literal(true),
    condition: build.call("@not_strictly_false", build.accumulated()),
    step: build.call("_&&_", build.accumulated(), predicate),
  }),
  exists: (build, predicate) => ({
    initial: build.literal(false),
    condition: build.call("@not_strictly_false", build.call("!_", build.accumulated())),
    step: build.call("_||_", build.accumulated(), predicate),
  }),
  existsOne: (build, predicate) => ({
    initial: build.literal(0),
    step: build.when(predicate, build.call("_+_", build.accumulated(), build.literal(1))),
    result: build.call("_==_", build.accumulated(), build.literal(1)),
  }),
};
