import { equal } from "./equality.ts";
import { field, isJsonArray, isJsonObject, type Json, type JsonObjectDraft, setField } from "./json.ts";
import { parseJsonPointer } from "./json-pointer.ts";
import { badRequest, tooLarge, unprocessable } from "./status-error.ts";

const mostOperations = 10_000;
/** Bytes that `copy` may add: it could otherwise double a document with each operation. */
const mostCopiedBytes = 3 * 1024 * 1024;

/**
 * Applies a JSON patch (RFC 6902). The document is not changed; the result shares with it, and with the patch, what it can.
 * (The rfc6902 package changes documents in place and takes `constructor` for no member's name, so it does not fit here.)
 *
 * @throws StatusError 400 when the patch is malformed, 413 when it is too large, 422 when it does not fit the document
 */
export function applyJsonPatch(document: Json, patch: unknown): Json {
  const operations = parseOperations(patch);
  const target = new Target(document);
  for (const operation of operations) target.apply(operation);
  return target.root;
}

type Operation =
  | { readonly op: "add" | "replace" | "test"; readonly path: Location; readonly value: Json }
  | { readonly op: "remove"; readonly path: Location }
  | { readonly op: "move" | "copy"; readonly path: Location; readonly from: Location };

interface Location {
  readonly text: string;
  readonly steps: readonly string[];
}

function parseOperations(patch: unknown): readonly Operation[] {
  if (!isJsonArray(patch)) throw badRequest("error decoding patch: a JSON patch is a list of operations");
  if (patch.length > mostOperations) {
    throw tooLarge(`Request entity is too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`);
  }
  return patch.map(parseOperation);
}

function parseOperation(operation: Json): Operation {
  if (!isJsonObject(operation)) throw badRequest("error decoding patch: an operation is an object");
  const { op } = operation;
  const path = location(operation["path"], "path");
  switch (op) {
    case "add":
    case "replace":
    case "test":
      if (operation["value"] === undefined) throw badRequest(`error decoding patch: operation ${op} at ${path.text} lacks a value`);
      return { op, path, value: operation["value"] };
    case "remove":
      return { op, path };
    case "move":
    case "copy":
      return { op, path, from: location(operation["from"], "from") };
    default:
      throw badRequest(`error decoding patch: unexpected kind: ${typeof op === "string" ? op : JSON.stringify(op ?? null)}`);
  }
}

function location(text: Json | undefined, member: string): Location {
  const steps = typeof text === "string" ? parseJsonPointer(text) : undefined;
  if (typeof text !== "string" || steps === undefined) throw badRequest(`error decoding patch: an operation's ${member} is a JSON pointer`);
  return { text, steps };
}

/** The document as the patch goes on. A list or object is copied when it is first changed, and only then. */
class Target {
  root: Json;
  #own = new WeakSet<object>();
  #copiedBytes = 0;

  constructor(root: Json) {
    this.root = root;
  }

  apply(operation: Operation): void {
    const { op, path } = operation;
    switch (op) {
      case "add":
        return this.#add(path, operation.value, op);
      case "remove":
        return this.#remove(path, op);
      case "replace":
        if (this.#get(path) === undefined) throw missing(op, path);
        return this.#put(path, operation.value, op);
      case "test":
        // A member that is absent counts as null, as it does upstream.
        if (!equal(this.#get(path) ?? null, operation.value)) throw unprocessable(`testing value ${path.text} failed: test failed`);
        return;
      case "move":
        return this.#move(operation.from, path);
      case "copy":
        return this.#copy(operation.from, path);
    }
  }

  #move(from: Location, path: Location): void {
    const value = this.#get(from);
    if (value === undefined) throw missing("move", from);
    if (from.text === path.text) return;
    if (from.steps.length < path.steps.length && from.steps.every((step, index) => step === path.steps[index])) throw missing("move", path);
    this.#remove(from, "move");
    this.#add(path, value, "move");
  }

  #copy(from: Location, path: Location): void {
    const value = this.#get(from);
    if (value === undefined) throw missing("copy", from);
    this.#copiedBytes += sizeOf(value, mostCopiedBytes - this.#copiedBytes);
    if (this.#copiedBytes > mostCopiedBytes) {
      throw tooLarge(
        `Request entity is too large: Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedBytes}, ` +
          `exceeding the limit ${mostCopiedBytes}`,
      );
    }
    // The value is now in two places, so that neither may be changed in place any more.
    this.#own = new WeakSet();
    this.#add(path, value, "copy");
  }

  #get({ steps }: Location): Json | undefined {
    let value: Json | undefined = this.root;
    for (const step of steps) {
      value = isJsonArray(value) ? value[indexOf(step, value.length) ?? -1] : isJsonObject(value) ? field(value, step) : undefined;
      if (value === undefined) return undefined;
    }
    return value;
  }

  #add(path: Location, value: Json, op: string): void {
    const parent = this.#parent(path, op);
    const last = path.steps.at(-1);
    if (last === undefined || !Array.isArray(parent)) return this.#put(path, value, op);
    const index = last === "-" ? parent.length : indexOf(last, parent.length + 1);
    if (index === undefined) throw unprocessable(`${op} operation does not apply: doc is missing path: ${path.text}: index out of bounds`);
    parent.splice(index, 0, value);
  }

  #put(path: Location, value: Json, op: string): void {
    const last = path.steps.at(-1);
    if (last === undefined) {
      this.root = value;
      return;
    }
    const parent = this.#parent(path, op);
    if (Array.isArray(parent)) parent[indexOf(last, parent.length) ?? parent.length] = value;
    else if (parent !== undefined) setField(parent, last, value);
  }

  #remove(path: Location, op: string): void {
    const last = path.steps.at(-1);
    if (last === undefined || this.#get(path) === undefined) throw missing(op, path);
    const parent = this.#parent(path, op);
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (parent !== undefined) Reflect.deleteProperty(parent, last);
  }

  /** The list or object that holds what `path` names, ready to be changed; `undefined` for the document itself. */
  #parent(path: Location, op: string): Json[] | JsonObjectDraft | undefined {
    if (path.steps.length === 0) return undefined;
    let container = this.#owned(this.root, (copy) => (this.root = copy));
    for (const step of path.steps.slice(0, -1)) {
      const at = container;
      if (at === undefined) break;
      if (Array.isArray(at)) {
        const index = indexOf(step, at.length);
        container = index === undefined ? undefined : this.#owned(at[index], (copy) => (at[index] = copy));
      } else {
        container = this.#owned(field(at, step), (copy) => setField(at, step, copy));
      }
    }
    if (container === undefined) throw unprocessable(`${op} operation does not apply: doc is missing path: "${path.text}": missing value`);
    return container;
  }

  #owned(value: Json | undefined, replace: (copy: Json) => void): Json[] | JsonObjectDraft | undefined {
    if (!isJsonArray(value) && !isJsonObject(value)) return undefined;
    if (this.#own.has(value)) return value as Json[] | JsonObjectDraft;
    const copy = isJsonArray(value) ? [...value] : { ...value };
    this.#own.add(copy);
    replace(copy);
    return copy;
  }
}

/** RFC 6901 §4: digits without leading zeros. `undefined` when `step` is no index below `length`. */
function indexOf(step: string, length: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(step)) return undefined;
  const index = Number(step);
  return index < length ? index : undefined;
}

function missing(op: string, path: Location): Error {
  return unprocessable(`${op} operation does not apply: doc is missing key: ${path.text}: missing value`);
}

/** About as many bytes as the value's JSON has. Stops counting soon after `limit`. */
function sizeOf(value: Json, limit: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 5;
  let size = 2;
  for (const [name, item] of Object.entries(value)) {
    if (size > limit) break;
    size += (isJsonArray(value) ? 1 : name.length + 4) + sizeOf(item ?? null, limit - size);
  }
  return size;
}
