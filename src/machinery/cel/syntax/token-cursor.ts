import { endOfInput, type Token } from "./lexer.ts";
import type { Issue } from "./source.ts";

/** The text cannot be understood from here on. */
export class SyntaxStop extends Error {
  readonly issue: Issue;

  constructor(at: number | undefined, message: string) {
    super(message);
    this.issue = { at, message };
  }
}

/** What an expression may begin with; in an index, a question mark may come first. */
const operators = ["'['", "'{'", "'('", "'.'", "'-'", "'!'"];
const values = ["'true'", "'false'", "'null'", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"];
export const beginnings = [...operators, ...values];
export const beginningsOfIndex = [...operators, "'?'", ...values];

/** What is told to be lacking, if what stands there could follow it. */
const closing = new Set(["')'", "']'"]);
const followers = new Set([
  endOfInput, "')'", "']'", "'}'", "':'", "'?'", "'.'", "'['", "'&&'", "'||'", "'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'", "'+'", "'-'",
  "'*'", "'/'", "'%'",
]);

/** Where in its tokens the parser is, and what it says when it expected something else there. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #position = 0;

  /** @param tokens of which the last is the end */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.peek(0);
  }

  /** Beyond the end there is always one more end. */
  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)] as Token;
  }

  advance(count = 1): Token {
    const token = this.current;
    this.#position += count;
    return token;
  }

  accept(kind: string): Token | undefined {
    return this.current.kind === kind ? this.advance() : undefined;
  }

  expect(kind: string): Token {
    return this.current.kind === kind ? this.advance() : this.unexpected(kind);
  }

  /** Tells what stands where something else is expected: to be left out, if what follows would fit; lacking; or just wrong. */
  unexpected(...expected: readonly string[]): never {
    const { kind, text, at } = this.current;
    const found = `'${kind === endOfInput ? endOfInput : text}'`;
    const wanted = expected.length === 1 ? (expected[0] ?? "") : `{${expected.join(", ")}}`;
    const isExtraneous = kind !== endOfInput && expected.includes(this.peek(1).kind);
    if (!isExtraneous && closing.has(wanted) && followers.has(kind)) throw new SyntaxStop(at, `Syntax error: missing ${wanted} at ${found}`);
    throw new SyntaxStop(at, `Syntax error: ${isExtraneous ? "extraneous" : "mismatched"} input ${found} expecting ${wanted}`);
  }
}
