import { field, isJsonObject, type Json, type JsonObjectDraft } from "../json.ts";
import { badRequest } from "../status-error.ts";
import { keyElement, type Path, type PathElement, pathText, valueElement } from "./path-element.ts";
import type { Slot } from "./shape.ts";

/** A list's elements by their path elements, in the list's order. More than one where a stored list holds doubles. */
export type ListElements = ReadonlyMap<PathElement, readonly Json[]>;

interface ListShape {
  /** `undefined` for a set of values. */
  readonly keys: readonly string[] | undefined;
  readonly of: Slot;
}

/**
 * @param path of the list, for messages
 * @param strict refuse doubles and elements that lack a key, which only stored objects may have
 * @throws StatusError 400
 */
export function listElements(list: readonly Json[], shape: ListShape, path: Path, strict: boolean): ListElements {
  const found = new Map<PathElement, Json[]>();
  for (const [index, item] of list.entries()) {
    const named = pathElementOf(item, shape);
    if (named instanceof MissingKey && strict) throw badRequest(`${pathText(path)}: element ${index}: ${named.message}`);
    const element = named instanceof MissingKey ? `i:${index}` : named;
    const same = found.get(element);
    if (same === undefined) found.set(element, [item]);
    else if (strict) throw badRequest(`${pathText(path)}: duplicate entries for key ${pathText([element])}`);
    else same.push(item);
  }
  return found;
}

class MissingKey {
  readonly message: string;

  constructor(key: string) {
    this.message = `associative list with keys has an element that omits key field "${key}" (and doesn't have default value)`;
  }
}

/** The path element that names an item of a list: its keys, with their defaults, or its value. */
function pathElementOf(item: Json, { keys, of }: ListShape): PathElement | MissingKey {
  if (keys === undefined) return valueElement(item);
  const found: JsonObjectDraft = {};
  for (const key of keys) {
    const value = (isJsonObject(item) ? field(item, key) : undefined) ?? keyDefault(of, key);
    if (value !== undefined && value !== null) found[key] = value;
  }
  const missing = keys.find((key) => found[key] === undefined);
  if (missing === undefined) return keyElement(found);
  // Upstream lets elements go without some of their keys, but not without all of them.
  return Object.keys(found).length > 0 ? keyElement(found) : new MissingKey(missing);
}

function keyDefault(of: Slot, key: string): Json | undefined {
  const found = of.type?.is === "message" ? of.type.message.fields.get(key)?.default : undefined;
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? found : undefined;
}
