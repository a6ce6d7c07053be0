import { canonicalJson } from "../canonical-json.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";

/**
 * One step of a path into an object, in the notation of managedFields (API reference: meta/v1 FieldsV1):
 * `f:NAME` a field or map key, `k:{"name":"a"}` a list's element by its keys, `v:"a"` a list's element by its value,
 * `i:0` a list's element by its index. The text is canonical, so that equal steps are equal strings.
 */
export type PathElement = string;

/** A path from the object's root. */
export type Path = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function keyElement(keys: JsonObject): PathElement {
  return `k:${canonicalJson(keys)}`;
}

export function valueElement(value: Json): PathElement {
  return `v:${canonicalJson(value)}`;
}

/** The name in a field's element; `undefined` for other elements. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith("f:") ? element.slice(2) : undefined;
}

/** Reads an element as a client may have written it, into its canonical text. `undefined` when it is none. */
export function parsePathElement(text: string): PathElement | undefined {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case "f:":
      return text;
    case "i:":
      return /^\d{1,9}$/.test(rest) ? text : undefined;
    case "v:": {
      const value = parsed(rest);
      return value === undefined ? undefined : valueElement(value);
    }
    case "k:": {
      const keys = parsed(rest);
      return isJsonObject(keys) ? keyElement(keys) : undefined;
    }
    default:
      return undefined;
  }
}

/** `.spec.containers[name="a"].args[0]` */
export function pathText(path: Path): string {
  return path.map(elementText).join("");
}

function elementText(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case "f":
      return `.${rest}`;
    case "v":
      return `[=${rest}]`;
    case "k": {
      const keys = parsed(rest);
      return isJsonObject(keys) ? `[${Object.entries(keys).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]` : `[${rest}]`;
    }
    default:
      return `[${rest}]`;
  }
}

const kinds = "fkvi";

/** The order in which elements are written: fields, keys, values, indexes; each by its content. */
export function comparePathElements(left: PathElement, right: PathElement): number {
  const [leftKind, rightKind] = [left.charAt(0), right.charAt(0)];
  if (leftKind !== rightKind) return kinds.indexOf(leftKind) - kinds.indexOf(rightKind);
  if (leftKind === "f") return compare(left, right);
  return compareValues(parsed(left.slice(2)), parsed(right.slice(2)));
}

function compareValues(left: Json | undefined, right: Json | undefined): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (!isJsonObject(left) || !isJsonObject(right)) return compare(canonicalJson(left), canonicalJson(right));
  const [leftEntries, rightEntries] = [Object.entries(left), Object.entries(right)];
  for (const [index, [name, value]] of leftEntries.entries()) {
    const other = rightEntries[index];
    if (other === undefined) return 1;
    const order = compare(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return leftEntries.length - rightEntries.length;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
