import type { Macro } from "../syntax/macro.ts";
import type { FunctionDeclaration } from "../types/declarations.ts";
import type { Type } from "../types/type.ts";

/** What an expression may use beyond the bare syntax: one unit, switched on by an environment. */
export interface Library {
  readonly functions?: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** Types that expressions can name, by that name. */
  readonly types?: ReadonlyMap<string, Type>;
  /** Switches the syntax of optionals on. */
  readonly optionalSyntax?: boolean;
}
