import {
  Document, type DocumentOptions, isScalar, LineCounter, type Pair, parseAllDocuments, type ParseOptions, Scalar, type ScalarTag, type SchemaOptions,
  type Tags, visit, type YAMLError,
} from "yaml";
import { type Json, type JsonObjectDraft, setField } from "./json.ts";

/**
 * YAML as Kubernetes reads it: the types of YAML 1.1 without dates and base-60 numbers (`yes` is true, `0644` is 420), keys
 * as text, merge keys, no key twice. Import it lazily where YAML is rare: the parser takes long to load.
 */

/** A text is no YAML that Kubernetes would read. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}

export interface YamlLimits {
  /** Characters of the whole text; 3 MiB when absent. */
  readonly characters?: number;
  /** Documents in the text; 10,000 when absent. */
  readonly documents?: number;
}

const mostCharacters = 3 * 1024 * 1024;
const mostDocuments = 10_000;
/** How many nodes aliases may stand for in one document ("billion laughs"). */
const mostAliased = 1000;
const mostNesting = 1000;

const booleans = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const integers = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]*|0[bB][01_]+|[1-9][0-9_]*)$/;
const floats = /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/;
const tags: ScalarTag[] = [
  { tag: "tag:yaml.org,2002:null", default: true, test: /^(?:~|[Nn]ull|NULL)?$/, resolve: () => null },
  { tag: "tag:yaml.org,2002:bool", default: true, test: booleans, resolve: boolean },
  { tag: "tag:yaml.org,2002:int", default: true, test: integers, resolve: integer },
  { tag: "tag:yaml.org,2002:float", default: true, test: floats, resolve: float },
  { tag: "tag:yaml.org,2002:float", default: true, test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/, resolve: notJson },
];

const options: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1", schema: "failsafe", customTags: tags, merge: true, uniqueKeys: false, logLevel: "error", prettyErrors: false, stringKeys: false,
};

/** The one document of a text; null when the text is empty. @throws YamlError */
export function parseYaml(text: string, limits: YamlLimits = {}): Json {
  const documents = parseYamlDocuments(text, { ...limits, documents: 1 });
  return documents[0] ?? null;
}

/** One document, and the keys that stand in it twice, of which the last counts: `line 3: key "name" already set in map`. @throws YamlError */
export function parseLenientYaml(text: string): { readonly value: Json; readonly duplicates: readonly string[] } {
  const duplicates: string[] = [];
  const documents = readDocuments(text, { documents: 1 }, (duplicate) => duplicates.push(duplicate));
  return { value: documents[0] ?? null, duplicates };
}

/** All documents of a text that are not empty. @throws YamlError */
export function parseYamlDocuments(text: string, limits: YamlLimits = {}): Json[] {
  return readDocuments(text, limits, (duplicate) => {
    throw new YamlError(`yaml: unmarshal errors:\n  ${duplicate}`);
  });
}

function readDocuments(text: string, limits: YamlLimits, foundTwice: (duplicate: string) => void): Json[] {
  const characters = limits.characters ?? mostCharacters;
  if (text.length > characters) throw new YamlError(`yaml: the text is longer than ${characters} characters`);
  checkNesting(text);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines });
  const parsed: Json[] = [];
  for (const document of "empty" in documents ? [] : documents) {
    const [error] = document.errors;
    if (error !== undefined) throw syntaxError(error, lines);
    checkKeys(document, lines, foundTwice);
    const value = plain(() => document.toJS({ mapAsMap: true, maxAliasCount: mostAliased }) as unknown);
    if (value === null) continue;
    parsed.push(value);
    if (parsed.length > (limits.documents ?? mostDocuments)) throw new YamlError(`yaml: more than ${limits.documents ?? mostDocuments} documents`);
  }
  return parsed;
}

/** YAML as kubectl writes it: keys in order, two spaces, lists not indented, no aliases; ends with a line feed. */
export function formatYaml(value: Json): string {
  const document = new Document(value, { version: "1.1", customTags: withoutMerge, sortMapEntries: true, aliasDuplicateObjects: false });
  visit(document, { Pair: (_, pair) => quoteMergeKey(pair) });
  return document.toString({ indentSeq: false, lineWidth: 0, defaultStringType: "PLAIN", nullStr: "null", blockQuote: "literal" });
}

function withoutMerge(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:merge");
}

/** A key that is called `<<` would be read as one that merges another map. */
function quoteMergeKey(pair: Pair): void {
  if (isScalar(pair.key) && pair.key.value === "<<") pair.key.type = Scalar.QUOTE_DOUBLE;
}

function boolean(text: string): boolean {
  return /^(?:y|true|on)/i.test(text);
}

function integer(text: string): number {
  const digits = text.replaceAll("_", "").toLowerCase();
  const negative = digits.startsWith("-");
  const unsigned = digits.replace(/^[-+]/, "");
  const octal = /^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned;
  const number = Number(octal);
  return negative && number !== 0 ? -number : number;
}

function float(text: string): number {
  return Number(text.replaceAll("_", ""));
}

function notJson(text: string): never {
  throw new YamlError(`json: unsupported value: ${text}`);
}

function syntaxError({ pos, message }: YAMLError, lines: LineCounter): YamlError {
  return new YamlError(`yaml: line ${lines.linePos(pos[0]).line}: ${message}`);
}

/** Tells of each key that stands twice in one map. (The parser's own check takes quadratic time.) */
function checkKeys(document: Document.Parsed, lines: LineCounter, foundTwice: (duplicate: string) => void): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value === "symbol") continue; // a merge key
        const text = keyText(key.value);
        if (seen.has(text)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0);
          foundTwice(`line ${line}: key ${JSON.stringify(text)} already set in map`);
        }
        seen.add(text);
      }
    },
  });
}

/** Turns maps into objects with text as keys, whatever the keys were. */
function plain(read: () => unknown): Json {
  try {
    return toJson(read(), 0);
  } catch (error) {
    if (error instanceof YamlError) throw error;
    if (error instanceof ReferenceError) throw new YamlError("yaml: document contains excessive aliasing");
    throw new YamlError(`yaml: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toJson(value: unknown, depth: number): Json {
  if (depth > mostNesting) throw new YamlError(`yaml: exceeded max depth of ${mostNesting}`);
  if (value instanceof Map) {
    const draft: JsonObjectDraft = {};
    for (const [key, item] of value) setField(draft, keyText(key), toJson(item, depth + 1));
    return draft;
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new YamlError("yaml: a value that JSON does not have");
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean" || key === null) return String(key);
  throw new YamlError("yaml: a map's keys are text, numbers or booleans");
}

/** Refuses texts that nest so deeply that the parser could not go down so far. */
function checkNesting(text: string): void {
  let depth = 0;
  let deepest = 0;
  let dashes = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth = Math.max(0, depth - 1);
    dashes = (character === "-" || character === "?") && text.charAt(index + 1) === " " ? dashes + 1 : character === " " ? dashes : 0;
    deepest = Math.max(deepest, dashes);
  }
  if (deepest > mostNesting) throw new YamlError(`yaml: exceeded max depth of ${mostNesting}`);
}
