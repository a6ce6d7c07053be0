import { fieldErrorText } from "./field-errors.ts";
import { FieldPath } from "./field-path.ts";
import { checkedRequirement, labelKeyErrors, type LabelOperator, type LabelRequirement, SelectorError } from "./label-requirement.ts";

/**
 * The text form of label selectors:
 *
 *     selector    = [ requirement *( "," requirement ) ]
 *     requirement = [ "!" ] key | key ( "=" | "==" | "!=" | ">" | "<" ) [ value ] | key ( "in" | "notin" ) "(" values ")"
 *
 * `in` and `notin` are words only where an operator stands. Messages are upstream's.
 * @throws SelectorError
 */
export function parseRequirements(text: string): LabelRequirement[] {
  return new Parser(tokensOf(text)).requirements();
}

type TokenKind = "word" | "end" | "error" | Symbols;
type Symbols = (typeof symbols)[number];
const symbols = [")", ",", "!", "==", "=", ">", "<", "!=", "("] as const;

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /[ \t\r\n]*(?:(==|!=|[=!()<>,])|([^=!()<>, \t\r\n]+))/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const symbol = symbols.find((candidate) => candidate === match?.[1]);
    tokens.push(symbol === undefined ? { kind: "word", text: match[2] ?? "" } : { kind: symbol, text: symbol });
  }
  return [...tokens, { kind: "end", text: "" }];
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ["in", "in"], ["notin", "notin"], ["=", "="], ["==", "=="], ["!=", "!="], [">", "gt"], ["<", "lt"],
]);
const end: Token = { kind: "end", text: "" };

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  requirements(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const first = this.#peek();
      if (first.kind === "end") return requirements;
      if (first.kind !== "word" && first.kind !== "!") throw new SelectorError(`found '${first.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirementOrError());
      const separator = this.#take();
      if (separator.kind === "end") return requirements;
      if (separator.kind !== ",") throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      const next = this.#peek();
      if (next.kind !== "word" && next.kind !== "!") throw new SelectorError(`found '${next.text}', expected: identifier after ','`);
    }
  }

  #requirementOrError(): LabelRequirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek().kind === "!";
    if (negated) this.#take();
    const key = this.#take();
    if (key.kind !== "word") throw new SelectorError(`found '${key.text}', expected: identifier`);
    const [error] = labelKeyErrors(key.text, FieldPath.root);
    if (error !== undefined) throw new SelectorError(fieldErrorText(error));
    const next = this.#peek().kind;
    if (negated) return checkedRequirement(key.text, "!", []);
    if (next === "end" || next === ",") return checkedRequirement(key.text, "exists", []);
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#values() : this.#exactValue();
    return checkedRequirement(key.text, operator, values);
  }

  #operator(): LabelOperator {
    const { text } = this.#take();
    const operator = operators.get(text);
    if (operator === undefined) throw new SelectorError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    return operator;
  }

  #exactValue(): readonly string[] {
    const next = this.#peek();
    if (next.kind === "end" || next.kind === ",") return [""];
    if (next.kind !== "word") throw new SelectorError(`found '${next.text}', expected: identifier`);
    return [this.#take().text];
  }

  /** A value may be empty: `()`, `(,a)` and `(a,,b)` hold the empty one. */
  #values(): readonly string[] {
    const open = this.#take();
    if (open.kind !== "(") throw new SelectorError(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    let expectsValue = true;
    for (;;) {
      const token = this.#take();
      if (token.kind === "word" && expectsValue) {
        values.add(token.text);
        expectsValue = false;
      } else if (token.kind === "," || token.kind === ")") {
        if (expectsValue) values.add("");
        if (token.kind === ")") return [...values].sort();
        expectsValue = true;
      } else {
        throw new SelectorError(`found '${token.text}', expected: ${expectsValue ? "',', ')' or identifier" : "',' or ')'"}`);
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }
}
