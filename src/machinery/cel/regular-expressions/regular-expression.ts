import { EvaluationError } from "../values/value.ts";
import { parsePattern } from "./parse.ts";
import { compilePattern, type Instruction } from "./program.ts";
import { type Assertion, PatternError } from "./tree.ts";

export interface Match {
  /** In UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/**
 * A regular expression as RE2 has it: no back references, no looking around, and time that grows with the length of the text
 * only. All ways through the pattern are followed at once, a character at a time (Thompson 1968, Pike's variant), so that there
 * is nothing to back-track. Of several matches the leftmost is found, and of these the one that the pattern prefers.
 */
export class RegularExpression {
  readonly #instructions: readonly Instruction[];
  readonly #mostWork: number;

  /**
   * @param mostWork how many steps one search may take
   * @throws PatternError
   */
  constructor(pattern: string, mostWork = 10_000_000) {
    this.#instructions = compilePattern(parsePattern(pattern), pattern);
    this.#mostWork = mostWork;
  }

  /** Whether the text has a match anywhere. */
  test(text: string): boolean {
    return this.#run(text, 0, true) !== undefined;
  }

  /** The first match that begins at `from` or later. */
  find(text: string, from = 0): Match | undefined {
    return this.#run(text, from, false);
  }

  #run(text: string, from: number, anyWill: boolean): Match | undefined {
    let current = new Threads(this.#instructions.length);
    let next = new Threads(this.#instructions.length);
    let best: Match | undefined;
    let work = 0;
    for (let at = from; ; ) {
      if (best === undefined) this.#follow(current, this.#instructions.length - 1, at, text, at);
      if (current.count === 0 && best !== undefined) return best;
      const codePoint = text.codePointAt(at);
      const after = at + (codePoint !== undefined && codePoint > 0xffff ? 2 : 1);
      work += current.count + 1;
      if (work > this.#mostWork) throw new EvaluationError("regular expression takes too long on this text");
      for (let index = 0; index < current.count; index++) {
        const instruction = this.#instructions[current.instruction(index)] as Instruction;
        if (instruction.is === "match") {
          best = { start: current.start(index), end: at };
          if (anyWill) return best;
          break;
        }
        if (instruction.is === "set" && codePoint !== undefined && instruction.set.has(codePoint)) {
          this.#follow(next, instruction.next, after, text, current.start(index));
        }
      }
      if (codePoint === undefined) return best;
      [current, next] = [next, current];
      next.clear();
      at = after;
    }
  }

  /** Adds what can be reached without a character, in the order of preference. */
  #follow(threads: Threads, instruction: number, at: number, text: string, start: number): void {
    for (let index = instruction; threads.visit(index); ) {
      const step = this.#instructions[index] as Instruction;
      if (step.is === "fork") {
        this.#follow(threads, step.next, at, text, start);
        index = step.other;
      } else if (step.is === "assertion") {
        if (!holds(step.holds, text, at)) return;
        index = step.next;
      } else {
        threads.add(index, start);
        return;
      }
    }
  }
}

/** Where in the pattern matches stand, each with where it began. The earlier in the list, the more preferred. */
class Threads {
  count = 0;
  readonly #instructions: Int32Array;
  readonly #starts: Int32Array;
  readonly #visited: Int32Array;
  #generation = 1;

  constructor(size: number) {
    this.#instructions = new Int32Array(size);
    this.#starts = new Int32Array(size);
    this.#visited = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
    this.#generation++;
  }

  /** Whether this is the first time since the last `clear`. */
  visit(instruction: number): boolean {
    if (this.#visited[instruction] === this.#generation) return false;
    this.#visited[instruction] = this.#generation;
    return true;
  }

  add(instruction: number, start: number): void {
    this.#instructions[this.count] = instruction;
    this.#starts[this.count++] = start;
  }

  instruction(index: number): number {
    return this.#instructions[index] ?? 0;
  }

  start(index: number): number {
    return this.#starts[index] ?? 0;
  }
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case "text start":
      return at === 0;
    case "text end":
      return at === text.length;
    case "line start":
      return at === 0 || text.charAt(at - 1) === "\n";
    case "line end":
      return at === text.length || text.charAt(at) === "\n";
    case "word boundary":
      return isWord(text, at - 1) !== isWord(text, at);
    case "no word boundary":
      return isWord(text, at - 1) === isWord(text, at);
  }
}

function isWord(text: string, at: number): boolean {
  return /^\w$/.test(text.charAt(at));
}

const compiled = new Map<string, RegularExpression>();
const mostCompiled = 256;

/** The compiled pattern; the last few hundred are kept. @throws EvaluationError when it is none */
export function regularExpression(pattern: string): RegularExpression {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  try {
    const expression = new RegularExpression(pattern);
    if (compiled.size >= mostCompiled) compiled.delete(compiled.keys().next().value ?? "");
    compiled.set(pattern, expression);
    return expression;
  } catch (error) {
    if (error instanceof PatternError) throw new EvaluationError(error.message);
    throw error;
  }
}
