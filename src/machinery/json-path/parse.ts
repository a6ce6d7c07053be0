/** A step of a path: from each value found so far to others. */
export type Step =
  | { readonly is: "field"; readonly name: string }
  | { readonly is: "anything" }
  | { readonly is: "descendants" }
  /** As slices of Python: the end is not part of it, and negative places count from behind. */
  | { readonly is: "slice"; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly is: "index"; readonly index: number }
  | { readonly is: "union"; readonly of: readonly Step[] }
  | { readonly is: "filter"; readonly left: Operand; readonly operator: Operator | undefined; readonly right: Operand };

export type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** What a filter compares: something found below the item, or a value. */
export type Operand = { readonly is: "path"; readonly steps: readonly Step[] } | { readonly is: "value"; readonly value: unknown };

/** A text is no path that clients of Kubernetes would take. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

const longest = 4096;

/** @param text such as `.status.conditions[?(@.type=="Ready")].status`. @throws JsonPathError */
export function parseJsonPath(text: string): readonly Step[] {
  if (text.length > longest) throw new JsonPathError(`a path has at most ${longest} characters`);
  return new Parser(text).path();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): readonly Step[] {
    const steps: Step[] = [];
    if (this.#text.startsWith("$") || this.#text.startsWith("@")) this.#at++;
    while (this.#at < this.#text.length) steps.push(...this.#step());
    return steps;
  }

  #step(): readonly Step[] {
    if (this.#take("..")) {
      const name = this.#peek() === "[" ? [] : this.#named();
      return [{ is: "descendants" }, ...name];
    }
    if (this.#take(".")) return this.#at === this.#text.length || this.#peek() === "[" ? [] : this.#named();
    if (this.#take("[")) return [this.#bracket()];
    return this.#named();
  }

  #named(): readonly Step[] {
    if (this.#take("*")) return [{ is: "anything" }];
    let name = "";
    for (let next = this.#peek(); next !== "" && next !== "." && next !== "["; next = this.#peek()) {
      if (/[\s{}\]()|'"]/.test(next)) throw new JsonPathError(`unrecognized character in path: ${JSON.stringify(next)}`);
      this.#at += 1;
      name += next === "\\" ? this.#text[this.#at++] ?? "" : next;
    }
    if (name === "") throw new JsonPathError("a field of a path has no name");
    return [{ is: "field", name }];
  }

  #bracket(): Step {
    if (this.#take("?(")) {
      const inside = this.#until(")");
      if (!this.#take("]")) throw new JsonPathError("unterminated filter");
      return filterOf(inside);
    }
    const parts = splitList(this.#until("]"));
    const steps = parts.map(bracketStep);
    const [first] = steps;
    return steps.length === 1 && first ? first : { is: "union", of: steps };
  }

  /** What stands before the end that closes this place, which is passed over; not one in quotes or within others. */
  #until(end: ")" | "]"): string {
    const start = this.#at;
    let quoted = "";
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#peek();
      if (quoted !== "") {
        if (character === quoted) quoted = "";
      } else if (character === "'" || character === '"') quoted = character;
      else if (character === "(" || character === "[") depth++;
      else if (depth === 0 && character === end) return this.#text.slice(start, this.#at++);
      else if (character === ")" || character === "]") depth--;
    }
    throw new JsonPathError(end === "]" ? "unterminated array" : "unterminated filter");
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(text: string): boolean {
    const taken = this.#text.startsWith(text, this.#at);
    if (taken) this.#at += text.length;
    return taken;
  }
}

function bracketStep(text: string): Step {
  const part = text.trim();
  if (part === "*") return { is: "anything" };
  if (/^-?\d+$/.test(part)) return { is: "index", index: Number(part) };
  const name = /^(['"])(.*)\1$/.exec(part)?.[2];
  if (name !== undefined) return { is: "field", name };
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(part);
  if (!slice) throw new JsonPathError(`invalid array index ${part}`);
  const numberAt = (index: number): number | undefined => (slice[index] ? Number(slice[index]) : undefined);
  return { is: "slice", from: numberAt(1), to: numberAt(2), by: numberAt(3) ?? 1 };
}

/** At commas that are not in quotes. */
function splitList(text: string): readonly string[] {
  return text.match(/(?:'[^']*'|"[^"]*"|[^,'"])+/g) ?? [""];
}

function filterOf(text: string): Step {
  const parts = /^(.*?)(==|!=|<=|>=|<|>)(.*)$/s.exec(text);
  if (!parts) return { is: "filter", left: operandOf(text), operator: undefined, right: { is: "value", value: undefined } };
  const [, left = "", operator, right = ""] = parts;
  return { is: "filter", left: operandOf(left), operator: operator as Operator, right: operandOf(right) };
}

function operandOf(text: string): Operand {
  const operand = text.trim();
  if (operand.startsWith("@") || operand.startsWith(".") || operand.startsWith("$")) return { is: "path", steps: parseJsonPath(operand) };
  const quoted = /^(['"])(.*)\1$/s.exec(operand)?.[2];
  if (quoted !== undefined) return { is: "value", value: quoted };
  if (operand === "true" || operand === "false") return { is: "value", value: operand === "true" };
  const number = Number(operand);
  if (operand === "" || Number.isNaN(number)) throw new JsonPathError(`unrecognized value in filter: ${operand}`);
  return { is: "value", value: number };
}
