import type { Bytes } from "../values/bytes.ts";
import type { Uint } from "../values/numbers.ts";
import type { Double } from "../values/numbers.ts";

/**
 * An expression as the parser and the macros leave it: operators are calls of functions with names such as `_+_`, loops are
 * comprehensions. Nodes are never changed; what the type checker finds out stands beside them (check/checked.ts).
 */
export type Expression = Literal | Identifier | Select | Call | ListLiteral | MapLiteral | StructLiteral | Comprehension;

interface Node {
  /** Where errors about the node point to: offset into the text, in UTF-16 units. */
  readonly at: number;
}

export type LiteralValue = null | boolean | number | bigint | string | Uint | Double | Bytes;

export interface Literal extends Node {
  readonly is: "literal";
  readonly value: LiteralValue;
}

export interface Identifier extends Node {
  readonly is: "identifier";
  /** With a leading dot where the name is to be looked up outside of the container. */
  readonly name: string;
}

export interface Select extends Node {
  readonly is: "select";
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)`: asks whether the field is there. */
  readonly testOnly: boolean;
}

export interface Call extends Node {
  readonly is: "call";
  readonly name: string;
  /** What stands before the dot of a member call. */
  readonly target?: Expression;
  readonly arguments: readonly Expression[];
}

export interface ListLiteral extends Node {
  readonly is: "list";
  readonly elements: readonly { readonly value: Expression; readonly optional: boolean }[];
}

export interface MapLiteral extends Node {
  readonly is: "map";
  readonly entries: readonly MapEntry[];
}

export interface MapEntry extends Node {
  readonly key: Expression;
  readonly value: Expression;
  readonly optional: boolean;
}

export interface StructLiteral extends Node {
  readonly is: "struct";
  readonly name: string;
  readonly fields: readonly FieldInitializer[];
}

export interface FieldInitializer extends Node {
  readonly name: string;
  readonly value: Expression;
  readonly optional: boolean;
}

/** Folds `range` into an accumulator; what all, exists, map, filter and cel.bind become. */
export interface Comprehension extends Node {
  readonly is: "comprehension";
  readonly range: Expression;
  /** Element of a list or key of a map; with a second variable, index or key. */
  readonly variable: string;
  readonly secondVariable?: string;
  readonly accumulator: string;
  readonly initial: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}
