import type { CharacterSet } from "./character-set.ts";
import { type Assertion, PatternError, type Tree } from "./tree.ts";

/** One step of a matching machine; steps go on to steps by number. */
export type Instruction =
  | { readonly is: "set"; readonly set: CharacterSet; next: number }
  | { readonly is: "assertion"; readonly holds: Assertion; next: number }
  /** Both ways may lead to a match; `next` is preferred. */
  | { readonly is: "fork"; next: number; other: number }
  | { readonly is: "match" };

const mostInstructions = 10_000;

/** Lays a tree out as instructions, of which the first is where matching begins. @throws PatternError when they are too many */
export function compilePattern(tree: Tree, pattern: string): readonly Instruction[] {
  const layout = new Layout(pattern);
  const match = layout.add({ is: "match" });
  const start = layout.lay(tree, match);
  // The beginning is put first, wherever it came to lie.
  layout.instructions.push({ is: "fork", next: start, other: start });
  return layout.instructions;
}

/** Works from the end to the beginning: each part is laid out knowing where it goes on. */
class Layout {
  readonly instructions: Instruction[] = [];
  readonly #pattern: string;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  add(instruction: Instruction): number {
    if (this.instructions.length >= mostInstructions) throw new PatternError("expression too large", this.#pattern);
    return this.instructions.push(instruction) - 1;
  }

  /** @returns where the part begins */
  lay(tree: Tree, next: number): number {
    switch (tree.is) {
      case "set":
      case "assertion":
        return this.add({ ...tree, next });
      case "sequence":
        return tree.parts.reduceRight((after, part) => this.lay(part, after), next);
      case "choice":
        return tree.options.map((option) => this.lay(option, next)).reduceRight((other, option) => this.#fork(option, other));
      case "repeat":
        return this.#repeat(tree, next);
    }
  }

  #repeat({ of, minimum, maximum, greedy }: Extract<Tree, { is: "repeat" }>, next: number): number {
    let after = next;
    if (maximum === Infinity) {
      const loop = { is: "fork" as const, next, other: next };
      after = this.add(loop);
      const body = this.lay(of, after);
      if (greedy) loop.next = body;
      else loop.other = body;
    } else {
      for (let count = minimum; count < maximum; count++) {
        const body = this.lay(of, after);
        after = greedy ? this.#fork(body, next) : this.#fork(next, body);
      }
    }
    for (let count = 0; count < minimum; count++) after = this.lay(of, after);
    return after;
  }

  #fork(next: number, other: number): number {
    return this.add({ is: "fork", next, other });
  }
}
