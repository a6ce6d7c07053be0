/** A word of the language; `kind` is what syntax errors call it. */
export interface Token {
  readonly kind: string;
  readonly text: string;
  readonly at: number;
}

export const endOfInput = "<EOF>";

/** A character that starts no token. */
export interface StrayText {
  readonly at: number;
  readonly text: string;
}

const skipped = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const escape = String.raw`\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const cooked = (quote: string): string => `${quote}(?:${escape}|[^\\\\${quote}\\n\\r])*${quote}`;
const cookedLong = (quote: string): string => `${quote.repeat(3)}(?:${escape}|[^\\\\])*?${quote.repeat(3)}`;
const raw = (quote: string): string => `[rR](?:${quote.repeat(3)}[^]*?${quote.repeat(3)}|${quote}[^${quote}\\n\\r]*${quote})`;
const text = [cookedLong('"'), cookedLong("'"), cooked('"'), cooked("'"), raw('"'), raw("'")].join("|");

/** In the order in which they are tried; the first that matches wins. */
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["NUM_FLOAT", /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ["NUM_UINT", /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ["NUM_INT", /0x[0-9a-fA-F]+|\d+/y],
  ["BYTES", new RegExp(`[bB](?:${text})`, "y")],
  ["STRING", new RegExp(text, "y")],
  ["IDENTIFIER", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["ESC_IDENTIFIER", /`[A-Za-z0-9_.\-/ ]+`/y],
  ["", /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
];

const unfinished = (quote: string): RegExp => new RegExp(`${quote}(?:${escape}|[^\\\\${quote}\\n\\r])*(?:\\\\[^]?|[^])?`, "y");
/** What only looks like a token: half an operator, a text that is not closed or that has a wrong escape. */
const beginnings = [/[=&|][^]?/y, unfinished('"'), unfinished("'")];

const keywords = new Set(["in", "true", "false", "null"]);

/** Splits an expression into tokens, of which the last is the end, and the characters that start none. White space and comments are skipped. */
export function tokenize(source: string): { readonly tokens: readonly Token[]; readonly stray: readonly StrayText[] } {
  const tokens: Token[] = [];
  const stray: StrayText[] = [];
  for (let at = afterSpace(source, 0); at < source.length; ) {
    const token = tokenAt(source, at);
    if (token === undefined) stray.push({ at, text: strayText(source, at) });
    else tokens.push(token);
    at = afterSpace(source, at + (token ?? stray.at(-1) ?? { text: " " }).text.length);
  }
  tokens.push({ kind: endOfInput, text: endOfInput, at: source.length });
  return { tokens, stray };
}

function tokenAt(source: string, at: number): Token | undefined {
  for (const [kind, pattern] of kinds) {
    const found = match(pattern, source, at);
    if (found !== undefined) return { kind: kind === "" || keywords.has(found) ? `'${found}'` : kind, text: found, at };
  }
  return undefined;
}

function afterSpace(source: string, at: number): number {
  return at + (match(skipped, source, at)?.length ?? 0);
}

/** A token that begins well and then fails takes along the character where it fails, as upstream's lexer tells it. */
function strayText(source: string, at: number): string {
  const begun = beginnings.map((pattern) => match(pattern, source, at)).find((found) => found !== undefined);
  return begun ?? String.fromCodePoint(source.codePointAt(at) ?? 0);
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
