/**
 * A set of characters. What Unicode knows of them is asked of a JavaScript regular expression, which is given one character at
 * a time.
 */
export class CharacterSet {
  readonly #expression: RegExp;
  /** What has been asked about ASCII characters so far. */
  readonly #ascii: (boolean | undefined)[] = [];

  /** @param parts of which a character has to match one, or with `negated` none; none at all is the empty set */
  constructor(parts: readonly string[], negated: boolean, foldCase: boolean) {
    const any = parts.length === 0 ? "[]" : parts.join("|");
    this.#expression = new RegExp(negated ? `^(?!(?:${any})$)[^]$` : `^(?:${any})$`, foldCase ? "iu" : "u");
  }

  has(codePoint: number): boolean {
    if (codePoint >= 128) return this.#expression.test(String.fromCodePoint(codePoint));
    return (this.#ascii[codePoint] ??= this.#expression.test(String.fromCodePoint(codePoint)));
  }
}

/** One character, or a range of them. */
export function classRange(low: number, high = low): string {
  return low === high ? `\\u{${low.toString(16)}}` : `[\\u{${low.toString(16)}}-\\u{${high.toString(16)}}]`;
}

export const anyCharacter = "[^]";
export const anyButNewline = "[^\\n]";

/** Perl's and POSIX' classes mean ASCII in RE2. */
const perlClasses: { readonly [letter: string]: string } = {
  d: "[0-9]", D: "[^0-9]", w: "[0-9A-Za-z_]", W: "[^0-9A-Za-z_]", s: "[\\t\\n\\f\\r ]", S: "[^\\t\\n\\f\\r ]",
};
const posixClasses: { readonly [name: string]: string } = {
  alnum: "0-9A-Za-z", alpha: "A-Za-z", ascii: "\\0-\\x7f", blank: "\\t ", cntrl: "\\0-\\x1f\\x7f", digit: "0-9", graph: "!-~", lower: "a-z",
  print: " -~", punct: "!-\\/:-@\\[-`\\{-~", space: "\\t\\n\\v\\f\\r ", upper: "A-Z", word: "0-9A-Za-z_", xdigit: "0-9A-Fa-f",
};

/** `\d` and the like. */
export function perlClass(letter: string): string | undefined {
  return Object.hasOwn(perlClasses, letter) ? perlClasses[letter] : undefined;
}

/** `alpha` and the like, or all others. */
export function posixClass(name: string, negated: boolean): string | undefined {
  return Object.hasOwn(posixClasses, name) ? `[${negated ? "^" : ""}${posixClasses[name]}]` : undefined;
}

/** `\p{Greek}`, `\pL`: a script or a general category of Unicode. */
export function unicodeClass(name: string, negated: boolean): string | undefined {
  if (name === "Any") return negated ? "[]" : anyCharacter;
  const property = /^[A-Z][a-z]?$/.test(name) ? name : `Script=${name}`;
  const part = `\\${negated ? "P" : "p"}{${property}}`;
  try {
    return /^\w+$/.test(name) ? new RegExp(part, "u").source : undefined;
  } catch {
    return undefined;
  }
}
