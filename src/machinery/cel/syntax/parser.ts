import { codePointCount } from "../values/text.ts";
import { accumulateBalanced } from "./balance.ts";
import type { Expression, FieldInitializer, ListLiteral, LiteralValue, MapEntry } from "./expression.ts";
import { endOfInput, type Token, tokenize } from "./lexer.ts";
import { LiteralError, readBytes, readDouble, readInt, readString, readUint } from "./literals.ts";
import { type Macro, MacroError } from "./macro.ts";
import type { Issue } from "./source.ts";

/** Code points that an expression may have. */
const longestExpression = 100_000;
/** How deep an expression may nest; every operator and every step of a chain `a.b.c` counts. */
const deepest = 250;

export interface Syntax {
  readonly macros: readonly Macro[];
  /** Allows `a.?b`, `a[?b]`, `[?a]` and `{?a: b}`. */
  readonly optionals: boolean;
}

/** An expression, or what is wrong with it. After a syntax error nothing more is looked for. */
export type Parsed = { readonly expression: Expression; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** Reads an expression (CEL specification, "Syntax"). Messages are upstream's, of which the first one is told. */
export function parse(text: string, syntax: Syntax): Parsed {
  const size = text.length > longestExpression ? codePointCount(text) : text.length;
  if (size > longestExpression) {
    return { issues: [{ at: undefined, message: `expression code point size exceeds limit: size: ${size}, limit ${longestExpression}` }] };
  }
  const parser = new Parser(text, syntax);
  try {
    const expression = parser.whole();
    return parser.issues.length === 0 ? { expression } : { issues: parser.issues };
  } catch (error) {
    if (error instanceof SyntaxStop) return { issues: [...parser.issues, error.issue] };
    throw error;
  }
}

class SyntaxStop extends Error {
  readonly issue: Issue;

  constructor(at: number | undefined, message: string) {
    super(message);
    this.issue = { at, message };
  }
}

const relations = new Map([["'<'", "_<_"], ["'<='", "_<=_"], ["'>='", "_>=_"], ["'>'", "_>_"], ["'=='", "_==_"], ["'!='", "_!=_"], ["'in'", "@in"]]);
const sums = new Map([["'+'", "_+_"], ["'-'", "_-_"]]);
const products = new Map([["'*'", "_*_"], ["'/'", "_/_"], ["'%'", "_%_"]]);

const beginnings =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const reserved = new Set([
  "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace", "null",
  "return", "true", "var", "void", "while",
]);

class Parser {
  readonly issues: Issue[];
  readonly #tokens: readonly Token[];
  readonly #syntax: Syntax;
  readonly #macros: ReadonlyMap<string, Macro>;
  #position = 0;
  #depth = 0;

  constructor(text: string, syntax: Syntax) {
    const { tokens, stray } = tokenize(text);
    this.#tokens = tokens;
    this.issues = stray.map((part) => ({ at: part.at, message: `Syntax error: token recognition error at: '${part.text}'` }));
    this.#syntax = syntax;
    this.#macros = new Map(syntax.macros.map((macro) => [macroKey(macro.name, macro.argumentCount, macro.isMember), macro]));
  }

  get #token(): Token {
    return this.#peek(0);
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#token.kind !== endOfInput) this.#unexpected("'<EOF>'");
    return expression;
  }

  #expression(): Expression {
    return this.#deeper(() => {
      const condition = this.#or();
      const operator = this.#accept("'?'");
      if (operator === undefined) return condition;
      const whenTrue = this.#or();
      this.#expect("':'");
      return this.#call(operator.at, "_?_:_", condition, whenTrue, this.#expression());
    });
  }

  #or(): Expression {
    return this.#logical("'||'", "_||_", () => this.#logical("'&&'", "_&&_", () => this.#relation()));
  }

  #logical(kind: string, name: string, operand: () => Expression): Expression {
    const terms = [operand()];
    const operators: number[] = [];
    for (let operator = this.#accept(kind); operator !== undefined; operator = this.#accept(kind)) {
      operators.push(operator.at);
      terms.push(operand());
    }
    return accumulateBalanced(terms, (left, right, index) => this.#call(operators[index] ?? 0, name, left, right));
  }

  #relation(): Expression {
    return this.#binary(relations, () => this.#sum());
  }

  #sum(): Expression {
    return this.#binary(sums, () => this.#binary(products, () => this.#unary()));
  }

  #binary(operators: ReadonlyMap<string, string>, operand: () => Expression): Expression {
    const depth = this.#depth;
    let left = operand();
    for (let name = operators.get(this.#token.kind); name !== undefined; name = operators.get(this.#token.kind)) {
      this.#descend();
      const { at } = this.#advance();
      left = this.#call(at, name, left, operand());
    }
    this.#depth = depth;
    return left;
  }

  #unary(): Expression {
    const operator = this.#token;
    if (operator.kind === "'-'" && /^NUM_(INT|FLOAT)$/.test(this.#peek(1).kind)) return this.#member(this.#number(this.#advance()));
    if (operator.kind !== "'!'" && operator.kind !== "'-'") return this.#member(this.#primary());
    let count = 0;
    while (this.#accept(operator.kind) !== undefined) count++;
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : this.#call(operator.at, operator.kind === "'!'" ? "!_" : "-_", operand);
  }

  /** What follows a primary expression: `.field`, `.?field`, `.call(…)`, `[index]`, `[?index]`. */
  #member(primary: Expression): Expression {
    const depth = this.#depth;
    let operand = primary;
    for (;;) {
      const { kind, at } = this.#token;
      if (kind !== "'.'" && kind !== "'['") break;
      this.#descend();
      this.#advance();
      operand = kind === "'.'" ? this.#selection(operand, at) : this.#index(operand, at);
    }
    this.#depth = depth;
    return operand;
  }

  #selection(operand: Expression, at: number): Expression {
    const optional = this.#accept("'?'");
    const name = this.#token;
    const field = this.#fieldName(optional !== undefined);
    if (optional !== undefined) {
      if (!this.#syntax.optionals) throw new SyntaxStop(at, "unsupported syntax '.?'");
      return this.#call(at, "_?._", operand, { is: "literal", at: name.at, value: field });
    }
    const open = name.kind === "IDENTIFIER" ? this.#accept("'('") : undefined;
    if (open === undefined) return { is: "select", at, operand, field, testOnly: false };
    return this.#memberCall(open.at, operand, field, this.#arguments());
  }

  #index(operand: Expression, at: number): Expression {
    const optional = this.#accept("'?'");
    if (optional !== undefined && !this.#syntax.optionals) throw new SyntaxStop(at, "unsupported syntax '[?'");
    const index = this.#expression();
    this.#expect("']'");
    return this.#call(at, optional === undefined ? "_[_]" : "_[?_]", operand, index);
  }

  #primary(): Expression {
    const token = this.#token;
    switch (token.kind) {
      case "'('": {
        this.#advance();
        const nested = this.#expression();
        this.#expect("')'");
        return nested;
      }
      case "'['":
        return this.#list(this.#advance().at);
      case "'{'":
        return this.#map(this.#advance().at);
      case "'.'":
      case "IDENTIFIER":
        return this.#name();
      default:
        return this.#literal(token);
    }
  }

  #literal(token: Token): Expression {
    const literal = (value: LiteralValue): Expression => ({ is: "literal", at: token.at, value });
    switch (token.kind) {
      case "NUM_INT":
      case "NUM_FLOAT":
        return this.#number(undefined);
      case "NUM_UINT":
        return literal(this.#read(token, () => readUint(token.text)));
      case "STRING":
        return literal(this.#read(token, () => readString(token.text)));
      case "BYTES":
        return literal(this.#read(token, () => readBytes(token.text)));
      case "'true'":
      case "'false'":
        return literal(this.#advance().kind === "'true'");
      case "'null'":
        this.#advance();
        return literal(null);
      default:
        return this.#unexpected(beginnings);
    }
  }

  #number(minus: Token | undefined): Expression {
    const token = this.#token;
    const read = token.kind === "NUM_INT" ? readInt : readDouble;
    const at = minus?.at ?? token.at;
    return { is: "literal", at, value: this.#read({ ...token, at }, () => read(token.text, minus !== undefined)) };
  }

  #read<T extends LiteralValue>(token: Token, read: () => T): T | null {
    this.#advance();
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
      this.issues.push({ at: token.at, message: error.message });
      return null;
    }
  }

  /** An identifier, a call of a function, or a message `a.b.C{…}`. */
  #name(): Expression {
    const { at } = this.#token;
    const dot = this.#accept("'.'") === undefined ? "" : ".";
    const token = this.#expect("IDENTIFIER");
    const message = this.#messageName(token.text);
    if (message !== undefined) return this.#struct(dot + message);
    if (reserved.has(token.text)) {
      this.issues.push({ at, message: `reserved identifier: ${token.text}` });
    }
    const open = this.#accept("'('");
    if (open === undefined) return { is: "identifier", at: token.at, name: dot + token.text };
    return this.#call(open.at, dot + token.text, ...this.#arguments());
  }

  /** Whether identifiers and dots lead up to a brace; if so, they are consumed. */
  #messageName(first: string): string | undefined {
    let name = first;
    let ahead = 0;
    while (this.#peek(ahead).kind === "'.'" && this.#peek(ahead + 1).kind === "IDENTIFIER") {
      name += `.${this.#peek(ahead + 1).text}`;
      ahead += 2;
    }
    if (this.#peek(ahead).kind !== "'{'") return undefined;
    this.#position += ahead;
    return name;
  }

  #struct(name: string): Expression {
    const { at } = this.#expect("'{'");
    const fields: FieldInitializer[] = [];
    this.#separated("'}'", () => {
      const optional = this.#optionalMark();
      const field = this.#fieldName(optional);
      const colon = this.#expect("':'");
      fields.push({ at: colon.at, name: field, optional, value: this.#expression() });
    });
    return { is: "struct", at, name, fields };
  }

  #map(at: number): Expression {
    const entries: MapEntry[] = [];
    this.#separated("'}'", () => {
      const optional = this.#optionalMark();
      const key = this.#expression();
      const colon = this.#expect("':'");
      entries.push({ at: colon.at, key, optional, value: this.#expression() });
    });
    return { is: "map", at, entries };
  }

  #list(at: number): Expression {
    const elements: ListLiteral["elements"][number][] = [];
    this.#separated("']'", () => {
      const optional = this.#optionalMark();
      elements.push({ value: this.#expression(), optional });
    });
    return { is: "list", at, elements };
  }

  #arguments(): Expression[] {
    const parts: Expression[] = [];
    if (this.#accept("')'") !== undefined) return parts;
    do parts.push(this.#expression());
    while (this.#accept("','") !== undefined);
    this.#expect("')'");
    return parts;
  }

  /** Elements up to `close`, with commas between them and perhaps one at the end. */
  #separated(close: string, element: () => void): void {
    while (this.#token.kind !== close) {
      if (this.#accept("','") !== undefined) break;
      element();
      if (this.#token.kind !== "','") break;
      if (this.#peek(1).kind !== close) this.#advance();
    }
    this.#expect(close);
  }

  #optionalMark(): boolean {
    const mark = this.#accept("'?'");
    if (mark !== undefined && !this.#syntax.optionals) throw new SyntaxStop(mark.at, "unsupported syntax '?'");
    return mark !== undefined;
  }

  #fieldName(optional: boolean): string {
    if (this.#token.kind === "ESC_IDENTIFIER") throw new SyntaxStop(this.#token.at, "unsupported syntax '`'");
    const { kind } = this.#token;
    if (kind !== "IDENTIFIER") this.#unexpected(optional ? "{IDENTIFIER, ESC_IDENTIFIER}" : "{'?', IDENTIFIER, ESC_IDENTIFIER}");
    return this.#advance().text;
  }

  #call(at: number, name: string, ...parts: Expression[]): Expression {
    return this.#expand(at, name, undefined, parts) ?? { is: "call", at, name, arguments: parts };
  }

  #memberCall(at: number, target: Expression, name: string, parts: readonly Expression[]): Expression {
    return this.#expand(at, name, target, parts) ?? { is: "call", at, name, target, arguments: parts };
  }

  #expand(at: number, name: string, target: Expression | undefined, parts: readonly Expression[]): Expression | undefined {
    const isMember = target !== undefined;
    const macro = this.#macros.get(macroKey(name, parts.length, isMember)) ?? this.#macros.get(macroKey(name, "any", isMember));
    try {
      return macro?.expand(at, target, ...parts);
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.issues.push({ at: error.at, message: error.message });
      return undefined;
    }
  }

  #accept(kind: string): Token | undefined {
    return this.#token.kind === kind ? this.#advance() : undefined;
  }

  #expect(kind: string): Token {
    return this.#token.kind === kind ? this.#advance() : this.#unexpected(kind);
  }

  #advance(): Token {
    const token = this.#token;
    this.#position++;
    return token;
  }

  /** Beyond the end there is always one more end. */
  #peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)] as Token;
  }

  #unexpected(expected: string): never {
    const { kind, text, at } = this.#token;
    const found = kind === endOfInput ? "'<EOF>'" : `'${text}'`;
    throw new SyntaxStop(at, `Syntax error: mismatched input ${found} expecting ${expected === "'<EOF>'" ? "<EOF>" : expected}`);
  }

  #deeper<T>(inside: () => T): T {
    this.#descend();
    const result = inside();
    this.#depth--;
    return result;
  }

  #descend(): void {
    if (++this.#depth > deepest) throw new SyntaxStop(undefined, `expression recursion limit exceeded: ${deepest}`);
  }
}

function macroKey(name: string, argumentCount: number | "any", isMember: boolean): string {
  return `${name}:${argumentCount}:${isMember}`;
}
