import { dns1035LabelProblems, dns1123LabelProblems, dns1123SubdomainProblems, labelValueProblems, type NameCheck, prefixProblems, qualifiedNameProblems } from "../../../names.ts";
import { declare, member, overload } from "../../types/declarations.ts";
import { listOf, optionalOf, stringType, structWithoutFields, type Type } from "../../types/type.ts";
import { CelList } from "../../values/list.ts";
import { parseTimestamp } from "../../values/time.ts";
import { Opaque, Optional } from "../../values/value.ts";
import type { Library } from "../library.ts";
import { urlProblem } from "./parse-url.ts";

const type = structWithoutFields("kubernetes.NamedFormat");

/** A format that texts may have. */
export class Format extends Opaque {
  readonly name: string;
  readonly problems: NameCheck;
  /** How long upstream's regular expression is at most; costs go by it. */
  readonly patternLength: number;

  constructor(name: string, patternLength: number, problems: NameCheck) {
    super();
    this.name = name;
    this.problems = problems;
    this.patternLength = patternLength;
  }

  get type(): Type {
    return type;
  }

  equals(other: Format): boolean {
    return this.name === other.name;
  }
}

const prefix = (check: NameCheck): NameCheck => (text) => prefixProblems(check, text);
const matching = (isFine: (text: string) => boolean, problem: string): NameCheck => (text) => (isFine(text) ? [] : [problem]);
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const formats: ReadonlyMap<string, Format> = new Map([
  ["dns1123Label", new Format("DNS1123Label", 30, dns1123LabelProblems)],
  ["dns1123Subdomain", new Format("DNS1123Subdomain", 60, dns1123SubdomainProblems)],
  ["dns1035Label", new Format("DNS1035Label", 30, dns1035LabelProblems)],
  ["qualifiedName", new Format("QualifiedName", 60, qualifiedNameProblems)],
  ["dns1123LabelPrefix", new Format("DNS1123LabelPrefix", 30, prefix(dns1123LabelProblems))],
  ["dns1123SubdomainPrefix", new Format("DNS1123SubdomainPrefix", 60, prefix(dns1123SubdomainProblems))],
  ["dns1035LabelPrefix", new Format("DNS1035LabelPrefix", 30, prefix(dns1035LabelProblems))],
  ["labelValue", new Format("LabelValue", 40, labelValueProblems)],
  ["uri", new Format("URI", 1103, (text) => [urlProblem(text)].filter((problem) => problem !== undefined))],
  ["uuid", new Format("uuid", 70, matching((text) => uuid.test(text), "does not match the UUID format"))],
  ["byte", new Format("byte", 84, matching((text) => base64.test(text), "invalid base64"))],
  ["date", new Format("date", 71, matching((text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTimestamp(text, true) !== undefined, "invalid date"))],
  ["datetime", new Format("datetime", 71, matching((text) => parseTimestamp(text) !== undefined, "invalid datetime"))],
]);

/** Named formats (API concepts, "Common Expression Language": format library). */
export const formatsLibrary: Library = {
  types: new Map([[type.name, type]]),
  functions: [
    ...Array.from(formats, ([name, format]) => declare(`format.${name}`, overload(`format.${name}`, [], type, () => format))),
    declare("format.named", overload("format-named", [stringType], optionalOf(type), (name: string) => new Optional(formats.get(name)))),
    declare("validate", member("format-validate", [type, stringType], optionalOf(listOf(stringType)), validate)),
  ],
};

/** What is wrong with the text; nothing if nothing is. */
function validate(format: Format, text: string): Optional {
  const problems = format.problems(text);
  return problems.length === 0 ? Optional.none : new Optional(CelList.of(problems));
}
