import type { CharacterSet } from "./character-set.ts";

/** A regular expression in RE2's syntax, as a tree. Groups leave no trace: only whether and where a text matches is asked. */
export type Tree =
  | { readonly is: "set"; readonly set: CharacterSet }
  | { readonly is: "assertion"; readonly holds: Assertion }
  | { readonly is: "sequence"; readonly parts: readonly Tree[] }
  | { readonly is: "choice"; readonly options: readonly Tree[] }
  | { readonly is: "repeat"; readonly of: Tree; readonly minimum: number; readonly maximum: number; readonly greedy: boolean };

/** Something between two characters. */
export type Assertion = "text start" | "text end" | "line start" | "line end" | "word boundary" | "no word boundary";

/** A pattern is not one of RE2's. The message is Go's. */
export class PatternError extends Error {
  override readonly name = "PatternError";

  constructor(problem: string, part: string) {
    super(`error parsing regexp: ${problem}: \`${part}\``);
  }
}
