import { codePointCount } from "../values/text.ts";
import { accumulateBalanced } from "./balance.ts";
import type { Expression, FieldInitializer, ListLiteral, MapEntry } from "./expression.ts";
import { endOfInput, type Token, tokenize } from "./lexer.ts";
import { isLiteral, LiteralError, readLiteral } from "./literals.ts";
import { type Macro, MacroError, macroKey } from "./macro.ts";
import type { Issue } from "./source.ts";
import { beginnings, beginningsOfIndex, SyntaxStop, TokenCursor } from "./token-cursor.ts";

/** Code points that an expression may have. */
const longestExpression = 100_000;
/** How deep an expression may nest; every operator and every step of a chain `a.b.c` counts. */
const deepest = 250;

export interface Syntax {
  /** By `macroKey`. */
  readonly macros: ReadonlyMap<string, Macro>;
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

const relations = new Map([["'<'", "_<_"], ["'<='", "_<=_"], ["'>='", "_>=_"], ["'>'", "_>_"], ["'=='", "_==_"], ["'!='", "_!=_"], ["'in'", "@in"]]);
const sums = new Map([["'+'", "_+_"], ["'-'", "_-_"]]);
const products = new Map([["'*'", "_*_"], ["'/'", "_/_"], ["'%'", "_%_"]]);

const reserved = new Set([
  "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace", "null",
  "return", "true", "var", "void", "while",
]);

class Parser {
  readonly issues: Issue[];
  readonly #tokens: TokenCursor;
  readonly #syntax: Syntax;
  #depth = 0;

  constructor(text: string, syntax: Syntax) {
    const { tokens, stray } = tokenize(text);
    this.#tokens = new TokenCursor(tokens);
    this.issues = stray.map((part) => ({ at: part.at, message: `Syntax error: token recognition error at: '${part.text}'` }));
    this.#syntax = syntax;
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#tokens.current.kind !== endOfInput) this.#tokens.unexpected(endOfInput);
    return expression;
  }

  #expression(): Expression {
    return this.#deeper(() => {
      const condition = this.#or();
      const operator = this.#tokens.accept("'?'");
      if (operator === undefined) return condition;
      const whenTrue = this.#or();
      this.#tokens.expect("':'");
      return this.#call(operator.at, "_?_:_", condition, whenTrue, this.#expression());
    });
  }

  #or(): Expression {
    return this.#logical("'||'", "_||_", () => this.#logical("'&&'", "_&&_", () => this.#relation()));
  }

  #logical(kind: string, name: string, operand: () => Expression): Expression {
    const terms = [operand()];
    const operators: number[] = [];
    for (let operator = this.#tokens.accept(kind); operator !== undefined; operator = this.#tokens.accept(kind)) {
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
    for (let name = operators.get(this.#tokens.current.kind); name !== undefined; name = operators.get(this.#tokens.current.kind)) {
      this.#descend();
      const { at } = this.#tokens.advance();
      left = this.#call(at, name, left, operand());
    }
    this.#depth = depth;
    return left;
  }

  #unary(): Expression {
    const operator = this.#tokens.current;
    if (operator.kind === "'-'" && /^NUM_(INT|FLOAT)$/.test(this.#tokens.peek(1).kind)) return this.#member(this.#literal(this.#tokens.advance()));
    if (operator.kind !== "'!'" && operator.kind !== "'-'") return this.#member(this.#primary());
    let count = 0;
    while (this.#tokens.accept(operator.kind) !== undefined) count++;
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : this.#call(operator.at, operator.kind === "'!'" ? "!_" : "-_", operand);
  }

  /** What follows a primary expression: `.field`, `.?field`, `.call(…)`, `[index]`, `[?index]`. */
  #member(primary: Expression): Expression {
    const depth = this.#depth;
    let operand = primary;
    for (;;) {
      const { kind, at } = this.#tokens.current;
      if (kind !== "'.'" && kind !== "'['") break;
      this.#descend();
      this.#tokens.advance();
      operand = kind === "'.'" ? this.#selection(operand, at) : this.#index(operand, at);
    }
    this.#depth = depth;
    return operand;
  }

  #selection(operand: Expression, at: number): Expression {
    const optional = this.#tokens.accept("'?'");
    const name = this.#tokens.current;
    const field = this.#fieldName(optional === undefined ? "dot" : "other");
    if (optional !== undefined) {
      if (!this.#syntax.optionals) throw new SyntaxStop(at, "unsupported syntax '.?'");
      return this.#call(at, "_?._", operand, { is: "literal", at: name.at, value: field });
    }
    const open = name.kind === "IDENTIFIER" ? this.#tokens.accept("'('") : undefined;
    if (open === undefined) return { is: "select", at, operand, field, testOnly: false };
    return this.#memberCall(open.at, operand, field, this.#arguments());
  }

  #index(operand: Expression, at: number): Expression {
    const optional = this.#tokens.accept("'?'");
    if (optional !== undefined && !this.#syntax.optionals) throw new SyntaxStop(at, "unsupported syntax '[?'");
    if (optional === undefined && this.#tokens.current.kind === "']'") this.#tokens.unexpected(...beginningsOfIndex);
    const index = this.#expression();
    this.#tokens.expect("']'");
    return this.#call(at, optional === undefined ? "_[_]" : "_[?_]", operand, index);
  }

  #primary(): Expression {
    const token = this.#tokens.current;
    switch (token.kind) {
      case "'('": {
        this.#tokens.advance();
        const nested = this.#expression();
        this.#tokens.expect("')'");
        return nested;
      }
      case "'['":
        return this.#list(this.#tokens.advance().at);
      case "'{'":
        return this.#map(this.#tokens.advance().at);
      case "'.'":
      case "IDENTIFIER":
        return this.#name();
      default:
        return this.#literal();
    }
  }

  /** @param minus that stands right before a number */
  #literal(minus?: Token): Expression {
    const token = this.#tokens.current;
    if (!isLiteral(token.kind)) return this.#tokens.unexpected(...beginnings);
    this.#tokens.advance();
    const at = minus?.at ?? token.at;
    try {
      return { is: "literal", at, value: readLiteral(token.kind, token.text, minus !== undefined) };
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
      this.issues.push({ at, message: error.message });
      return { is: "literal", at, value: null };
    }
  }

  /** An identifier, a call of a function, or a message `a.b.C{…}`. */
  #name(): Expression {
    const { at } = this.#tokens.current;
    const dot = this.#tokens.accept("'.'") === undefined ? "" : ".";
    const token = this.#tokens.expect("IDENTIFIER");
    const message = this.#messageName(token.text);
    if (message !== undefined) return this.#struct(dot + message);
    if (reserved.has(token.text)) {
      this.issues.push({ at, message: `reserved identifier: ${token.text}` });
    }
    const open = this.#tokens.accept("'('");
    if (open === undefined) return { is: "identifier", at: token.at, name: dot + token.text };
    return this.#call(open.at, dot + token.text, ...this.#arguments());
  }

  /** Whether identifiers and dots lead up to a brace; if so, they are consumed. */
  #messageName(first: string): string | undefined {
    let name = first;
    let ahead = 0;
    while (this.#tokens.peek(ahead).kind === "'.'" && this.#tokens.peek(ahead + 1).kind === "IDENTIFIER") {
      name += `.${this.#tokens.peek(ahead + 1).text}`;
      ahead += 2;
    }
    if (this.#tokens.peek(ahead).kind !== "'{'") return undefined;
    this.#tokens.advance(ahead);
    return name;
  }

  #struct(name: string): Expression {
    const { at } = this.#tokens.expect("'{'");
    const fields: FieldInitializer[] = [];
    this.#separated("'}'", () => {
      const optional = this.#optionalMark();
      const field = this.#fieldName("other");
      const colon = this.#tokens.expect("':'");
      fields.push({ at: colon.at, name: field, optional, value: this.#expression() });
    });
    return { is: "struct", at, name, fields };
  }

  #map(at: number): Expression {
    const entries: MapEntry[] = [];
    this.#separated("'}'", () => {
      const optional = this.#optionalMark();
      const key = this.#expression();
      const colon = this.#tokens.expect("':'");
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
    if (this.#tokens.accept("')'") !== undefined) return parts;
    do parts.push(this.#expression());
    while (this.#tokens.accept("','") !== undefined);
    if (this.#tokens.current.kind !== "')'") this.#tokens.unexpected("')'", "','");
    this.#tokens.advance();
    return parts;
  }

  /** Elements up to `close`, with commas between them and perhaps one at the end. */
  #separated(close: string, element: () => void): void {
    while (this.#tokens.current.kind !== close && this.#tokens.current.kind !== "','") {
      element();
      if (this.#tokens.current.kind !== "','") break;
      if (this.#tokens.peek(1).kind !== close) this.#tokens.advance();
    }
    this.#tokens.accept("','");
    if (this.#tokens.current.kind !== close) this.#tokens.unexpected(close, "','");
    this.#tokens.advance();
  }

  #optionalMark(): boolean {
    const mark = this.#tokens.accept("'?'");
    if (mark !== undefined && !this.#syntax.optionals) throw new SyntaxStop(mark.at, "unsupported syntax '?'");
    return mark !== undefined;
  }

  /** @param after the dot of a selection, which has words of its own for what is wrong */
  #fieldName(after: "dot" | "other"): string {
    const { kind, text, at } = this.#tokens.current;
    if (kind === "ESC_IDENTIFIER") throw new SyntaxStop(at, "unsupported syntax: '`'");
    if (kind === "IDENTIFIER") return this.#tokens.advance().text;
    if (after === "other") return this.#tokens.unexpected("IDENTIFIER", "ESC_IDENTIFIER");
    if (["'true'", "'false'", "'null'"].includes(kind)) throw new SyntaxStop(at, `Syntax error: mismatched input ${kind} expecting IDENTIFIER`);
    throw new SyntaxStop(at, `Syntax error: no viable alternative at input '.${kind === endOfInput ? "" : text}'`);
  }

  #call(at: number, name: string, ...parts: Expression[]): Expression {
    return this.#expand(at, name, undefined, parts) ?? { is: "call", at, name, arguments: parts };
  }

  #memberCall(at: number, target: Expression, name: string, parts: readonly Expression[]): Expression {
    return this.#expand(at, name, target, parts) ?? { is: "call", at, name, target, arguments: parts };
  }

  #expand(at: number, name: string, target: Expression | undefined, parts: readonly Expression[]): Expression | undefined {
    const isMember = target !== undefined;
    const { macros } = this.#syntax;
    const macro = macros.get(macroKey(name, parts.length, isMember)) ?? macros.get(macroKey(name, "any", isMember));
    try {
      return macro?.expand(at, target, ...parts);
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.issues.push({ at: error.at, message: error.message });
      return undefined;
    }
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
