import { equal } from "#machinery/equality.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import type { DescribedPart } from "../discovery/extension-versions.ts";

/**
 * Adds what other servers describe in OpenAPI version 2. Paths that are there already stay; a definition of a name that stands for
 * something else already gets another name, with _v2 or a higher number behind it.
 */
export function mergeParts(own: DescribedPart, others: readonly DescribedPart[]): DescribedPart {
  let merged = own;
  for (const part of others) {
    const names = newNames(merged.definitions, part.definitions);
    const added = Object.entries(part.definitions)
      .filter(([name]) => !(name in merged.definitions) || names.has(name))
      .map(([name, definition]) => [names.get(name) ?? name, withNames(definition, names)] as const);
    merged = {
      paths: { ...withNames(part.paths, names), ...merged.paths },
      definitions: { ...merged.definitions, ...Object.fromEntries(added) },
    };
  }
  return merged;
}

/** So often at most: names that change change what else is different. */
const mostRounds = 10;

/** Of those whose names are taken by others. */
function newNames(taken: JsonObject, definitions: JsonObject): ReadonlyMap<string, string> {
  let names: ReadonlyMap<string, string> = new Map();
  for (let round = 0; round < mostRounds; round++) {
    const next = oneRound(taken, definitions, names);
    if (equal([...next], [...names])) break;
    names = next;
  }
  return names;
}

function oneRound(taken: JsonObject, definitions: JsonObject, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(definitions)) {
    const shape = shapeOf(withNames(definition, before));
    const isFree = (candidate: string): boolean => !(candidate in taken) || equal(shapeOf(taken[candidate]), shape);
    if (isFree(name)) continue;
    let number = 2;
    while (!isFree(`${name}_v${number}`)) number++;
    names.set(name, `${name}_v${number}`);
  }
  return names;
}

/** What counts when definitions are compared: not how they are explained, nor by which kinds they are used. */
function shapeOf(value: Json | undefined): Json | undefined {
  if (isJsonArray(value)) return value.map((item) => shapeOf(item) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([keyword, inner]) => !(keyword === "description" && typeof inner === "string") && keyword !== "x-kubernetes-group-version-kind")
    .map(([keyword, inner]) => [keyword, shapeOf(inner) ?? null]));
}

const reference = "#/definitions/";

function withNames<T extends Json | undefined>(value: T, names: ReadonlyMap<string, string>): T {
  return (names.size === 0 ? value : renamed(value, names)) as T;
}

function renamed(value: Json | undefined, names: ReadonlyMap<string, string>): Json | undefined {
  if (isJsonArray(value)) return value.map((item) => renamed(item, names) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([keyword, inner]) => {
    const name = keyword === "$ref" && typeof inner === "string" ? names.get(inner.slice(reference.length)) : undefined;
    return [keyword, name === undefined ? renamed(inner, names) ?? null : `${reference}${name}`];
  }));
}
