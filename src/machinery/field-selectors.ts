import { SelectorError } from "./label-requirement.ts";

/** Selects objects by a few of their fields (Kubernetes "Field Selectors"): `metadata.name=a,status.phase!=Running`. Immutable. */
export class FieldSelector {
  /** All have to hold. */
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  static readonly everything = new FieldSelector([]);

  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /** @param valueOf the field's text; a field that the object lacks is the empty text */
  matches(valueOf: (field: string) => string): boolean {
    return this.requirements.every(({ field, equals, value }) => (valueOf(field) === value) === equals);
  }

  /** The one value that the selector demands of this field, if it demands one. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((requirement) => requirement.equals && requirement.field === field)?.value;
  }

  toString(): string {
    return this.requirements.map(({ field, equals, value }) => `${field}${equals ? "=" : "!="}${escapeFieldValue(value)}`).join(",");
  }
}

export interface FieldRequirement {
  readonly field: string;
  /** `=` (true) or `!=` (false). */
  readonly equals: boolean;
  readonly value: string;
}

const longestSelector = 64 * 1024;

/** Reads a selector; `\,`, `\=` and `\\` stand for themselves in values. @throws SelectorError */
export function parseFieldSelector(text: string): FieldSelector {
  if (text.length > longestSelector) throw new SelectorError(`the selector is longer than ${longestSelector} characters`);
  const terms = splitTerms(text).filter((term) => term !== "").sort();
  return terms.length === 0 ? FieldSelector.everything : new FieldSelector(terms.map((term) => parseTerm(text, term)));
}

/** Demands that each field has this value. */
export function fieldsEqual(fields: { readonly [field: string]: string }): FieldSelector {
  return new FieldSelector(Object.entries(fields).map(([field, value]) => ({ field, equals: true, value })));
}

export function escapeFieldValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, String.raw`\$&`);
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\.?|[^\\,])+/gs) ?? [];
}

function parseTerm(selector: string, term: string): FieldRequirement {
  const match = /^((?:\\.|[^\\=!]|!(?!=))*)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = "", operator = "", value = ""] = match;
  return { field, equals: operator !== "!=", value: unescape(value) };
}

function unescape(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let text = "";
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    if (character === "\\") {
      const escaped = value.charAt(++index);
      if (escaped === "") throw new SelectorError("invalid field selector: unterminated escape sequence");
      if (!"\\,=".includes(escaped)) throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped}`);
      text += escaped;
    } else if (character === "=" || character === ",") {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character}`);
    } else {
      text += character;
    }
  }
  return text;
}
