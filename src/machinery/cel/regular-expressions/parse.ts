import { anyButNewline, anyCharacter, CharacterSet, classRange, perlClass, posixClass, unicodeClass } from "./character-set.ts";
import { PatternError, type Tree } from "./tree.ts";

/** How often a part may be repeated, also when repetitions are nested; and how deep groups may be. */
const mostRepetitions = 1000;
const deepest = 1000;

/** Reads a pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax). @throws PatternError */
export function parsePattern(pattern: string): Tree {
  return new PatternParser(pattern).whole();
}

interface Flags {
  readonly foldCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

const flagNames: { readonly [letter: string]: keyof Flags } = { i: "foldCase", m: "multiline", s: "dotAll", U: "ungreedy" };
const empty: Tree = { is: "sequence", parts: [] };

class PatternParser {
  readonly #pattern: string;
  #position = 0;
  #depth = 0;
  #flags: Flags = { foldCase: false, multiline: false, dotAll: false, ungreedy: false };
  readonly #names = new Set<string>();

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  whole(): Tree {
    const tree = this.#choice();
    if (this.#position < this.#pattern.length) throw new PatternError("unexpected )", this.#pattern);
    return tree;
  }

  #choice(): Tree {
    const options = [this.#sequence()];
    while (this.#accept("|")) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as Tree) : { is: "choice", options };
  }

  #sequence(): Tree {
    const parts: Tree[] = [];
    while (this.#position < this.#pattern.length && this.#peek() !== "|" && this.#peek() !== ")") {
      if (this.#accept("\\Q")) parts.push(...this.#quoted());
      else parts.push(this.#repeated(this.#atom()));
    }
    return parts.length === 1 ? (parts[0] as Tree) : { is: "sequence", parts };
  }

  #quoted(): Tree[] {
    const end = this.#pattern.indexOf("\\E", this.#position);
    const text = this.#pattern.slice(this.#position, end < 0 ? undefined : end);
    this.#position = end < 0 ? this.#pattern.length : end + 2;
    const parts = Array.from(text, (character) => this.#character(character));
    const last = parts.pop();
    return last === undefined ? parts : [...parts, this.#repeated(last)];
  }

  /** The atom with the repetition operator that follows it. */
  #repeated(atom: Tree): Tree {
    const start = this.#position;
    const first = this.#repetition();
    if (first === undefined) return atom;
    const once = this.#position;
    if (this.#repetition() !== undefined) throw new PatternError("invalid nested repetition operator", this.#pattern.slice(start, this.#position));
    this.#position = once;
    const tree: Tree = { is: "repeat", of: atom, minimum: first.minimum, maximum: first.maximum, greedy: first.greedy };
    const isCounted = first.minimum > 1 || (first.maximum > 1 && first.maximum !== Infinity);
    if (isCounted && !isRepeatable(tree, mostRepetitions)) throw new PatternError("invalid repeat count", this.#pattern.slice(start, once));
    return tree;
  }

  #repetition(): { readonly minimum: number; readonly maximum: number; readonly greedy: boolean } | undefined {
    const match = matchAt(/[*+?]|\{(\d{1,9})(?:(,)(\d{1,9})?)?\}/y, this.#pattern, this.#position);
    if (match === undefined) return undefined;
    this.#position += match[0].length;
    const [minimum, maximum] = boundsOf(match);
    if (minimum > mostRepetitions || (maximum > mostRepetitions && maximum !== Infinity) || minimum > maximum) {
      throw new PatternError("invalid repeat count", match[0]);
    }
    return { minimum, maximum, greedy: this.#accept("?") === this.#flags.ungreedy };
  }

  #atom(): Tree {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case ".":
        return set([this.#flags.dotAll ? anyCharacter : anyButNewline]);
      case "^":
        return { is: "assertion", holds: this.#flags.multiline ? "line start" : "text start" };
      case "$":
        return { is: "assertion", holds: this.#flags.multiline ? "line end" : "text end" };
      case "*":
      case "+":
      case "?":
        throw new PatternError("missing argument to repetition operator", character);
      case "\\":
        return this.#escape();
      default:
        return this.#character(character);
    }
  }

  #group(): Tree {
    const start = this.#position - 1;
    if (++this.#depth > deepest) throw new PatternError("expression nests too deeply", this.#pattern);
    const outer = this.#flags;
    if (this.#accept("?") && !this.#name(start) && this.#changeFlags(start)) {
      this.#depth--;
      return empty;
    }
    const inner = this.#choice();
    if (!this.#accept(")")) throw new PatternError("missing closing )", this.#pattern);
    this.#flags = outer;
    this.#depth--;
    return inner;
  }

  /** Whether the group has a name, which is then read. */
  #name(start: number): boolean {
    if (matchAt(/P?</y, this.#pattern, this.#position) === undefined) return false;
    const match = matchAt(/P?<(\w+)>/y, this.#pattern, this.#position);
    const opened = this.#pattern.slice(start, start + 4);
    if (/^\(\?<[=!]/.test(opened)) throw new PatternError("invalid or unsupported Perl syntax", this.#pattern.slice(start, start + 3));
    const name = match?.[1];
    if (match === undefined || name === undefined) throw new PatternError("invalid named capture", this.#pattern.slice(start));
    if (this.#names.has(name)) throw new PatternError("duplicate capture group name", name);
    this.#names.add(name);
    this.#position += match[0].length;
    return true;
  }

  /** Reads `flags:` or `flags)`; whether the group ends with that. */
  #changeFlags(start: number): boolean {
    const match = matchAt(/([imsU]*)(?:-([imsU]+))?([:)])/y, this.#pattern, this.#position);
    if (match === undefined || (match[1] === "" && match[2] === undefined && match[3] === ")")) {
      throw new PatternError("invalid or unsupported Perl syntax", this.#pattern.slice(start, this.#position + 1));
    }
    this.#position += match[0].length;
    const flags: { -readonly [flag in keyof Flags]: boolean } = { ...this.#flags };
    for (const letter of match[1] ?? "") flags[flagNames[letter] as keyof Flags] = true;
    for (const letter of match[2] ?? "") flags[flagNames[letter] as keyof Flags] = false;
    this.#flags = flags;
    return match[3] === ")";
  }

  #escape(): Tree {
    const start = this.#position - 1;
    if (start + 1 >= this.#pattern.length) throw new PatternError("trailing backslash at end of expression", "");
    const letter = this.#peek();
    const assertion = ({ A: "text start", z: "text end", b: "word boundary", B: "no word boundary" } as const)[letter as "A" | "z" | "b" | "B"];
    if (assertion !== undefined) {
      this.#position++;
      return { is: "assertion", holds: assertion };
    }
    return set([this.#escapedClass(start) ?? classRange(this.#escapedCharacter(start))], this.#flags.foldCase);
  }

  /** `\d`, `\pL`, `\p{Greek}`, after the backslash. */
  #escapedClass(start: number): string | undefined {
    const perl = perlClass(this.#peek());
    if (perl !== undefined) {
      this.#position++;
      return perl;
    }
    const match = matchAt(/([pP])(?:\{(\^?)(\w*)\}|([^{]))/y, this.#pattern, this.#position);
    if (match === undefined) {
      if (/[pP]/.test(this.#peek())) throw new PatternError("invalid character class range", this.#pattern.slice(start));
      return undefined;
    }
    this.#position += match[0].length;
    const body = unicodeClass(match[3] ?? match[4] ?? "", (match[1] === "P") !== (match[2] === "^"));
    if (body === undefined) throw new PatternError("invalid character class range", this.#pattern.slice(start, this.#position));
    return body;
  }

  #escapedCharacter(start: number): number {
    const pattern = /x\{([0-9a-fA-F]{1,8})\}|x([0-9a-fA-F]{2})|([1-7][0-7]{1,2}|0[0-7]{0,2})|([aftnrv])|([^\w])/uy;
    const match = matchAt(pattern, this.#pattern, this.#position);
    if (match === undefined) {
      throw new PatternError("invalid escape sequence", this.#pattern.slice(start, start + 1 + (this.#peek().length || 1)));
    }
    this.#position += match[0].length;
    const [, braced, hex, octal, letter, itself] = match;
    const code = braced ?? hex;
    if (code !== undefined && Number.parseInt(code, 16) > 0x10ffff) throw new PatternError("invalid escape sequence", `\\${match[0]}`);
    if (code !== undefined) return Number.parseInt(code, 16);
    if (octal !== undefined) return Number.parseInt(octal, 8);
    if (letter !== undefined) return { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }[letter as "a" | "f" | "t" | "n" | "r" | "v"];
    return (itself ?? "").codePointAt(0) ?? 0;
  }

  #class(): Tree {
    const start = this.#position - 1;
    const negated = this.#accept("^");
    const parts: string[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      if (this.#position >= this.#pattern.length) throw new PatternError("missing closing ]", this.#pattern.slice(start));
      parts.push(this.#classPart());
    }
    this.#position++;
    return set(parts, this.#flags.foldCase, negated);
  }

  #classPart(): string {
    const start = this.#position;
    const posix = matchAt(/\[:(\^?)(\w+):\]/y, this.#pattern, start);
    if (posix !== undefined) {
      this.#position += posix[0].length;
      const body = posixClass(posix[2] ?? "", posix[1] === "^");
      if (body === undefined) throw new PatternError("invalid character class range", posix[0]);
      return body;
    }
    if (this.#peek() === "\\") {
      this.#position++;
      const body = this.#position < this.#pattern.length ? this.#escapedClass(start) : undefined;
      if (body !== undefined) return body;
      this.#position = start;
    }
    const low = this.#classCharacter();
    if (this.#peek() !== "-" || this.#pattern.charAt(this.#position + 1) === "]") return classRange(low);
    this.#position++;
    if (this.#position >= this.#pattern.length) return classRange(low);
    const high = this.#classCharacter();
    if (high < low) throw new PatternError("invalid character class range", this.#pattern.slice(start, this.#position));
    return classRange(low, high);
  }

  #classCharacter(): number {
    const start = this.#position;
    const character = this.#next();
    if (character !== "\\") return character.codePointAt(0) ?? 0;
    if (this.#position >= this.#pattern.length) throw new PatternError("trailing backslash at end of expression", "");
    return this.#escapedCharacter(start);
  }

  #character(character: string): Tree {
    return set([classRange(character.codePointAt(0) ?? 0)], this.#flags.foldCase);
  }

  #peek(): string {
    const code = this.#pattern.codePointAt(this.#position);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #next(): string {
    const character = this.#peek();
    this.#position += character.length;
    return character;
  }

  #accept(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#position)) return false;
    this.#position += text.length;
    return true;
  }
}

function set(parts: readonly string[], foldCase = false, negated = false): Tree {
  return { is: "set", set: new CharacterSet(parts, negated, foldCase) };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function boundsOf(match: RegExpExecArray): readonly [minimum: number, maximum: number] {
  const [operator, minimum, comma, maximum] = match;
  if (minimum === undefined) return [operator === "+" ? 1 : 0, operator === "?" ? 1 : Infinity];
  if (comma === undefined) return [Number(minimum), Number(minimum)];
  return [Number(minimum), maximum === undefined ? Infinity : Number(maximum)];
}

/** Repetitions within repetitions multiply; whether they come to no more than `left` in all. */
function isRepeatable(tree: Tree, left: number): boolean {
  switch (tree.is) {
    case "repeat": {
      const times = tree.maximum === Infinity ? tree.minimum : tree.maximum;
      const remaining = times > 1 ? Math.floor(left / times) : left;
      return remaining > 0 && isRepeatable(tree.of, remaining);
    }
    case "sequence":
      return tree.parts.every((part) => isRepeatable(part, left));
    case "choice":
      return tree.options.every((option) => isRepeatable(option, left));
    default:
      return true;
  }
}
