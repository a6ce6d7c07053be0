import { dynType, mapOf, type Type } from "../types/type.ts";
import { Double, type Int, isInt, Uint } from "./numbers.ts";
import type { Value, Wrap } from "./value.ts";
import { ValueObject } from "./value-object.ts";

const mapType = mapOf(dynType, dynType);

/** A map. Keys are strings, booleans and whole numbers; numbers of different types are the same key when they are equal. */
export abstract class CelMap extends ValueObject {
  abstract readonly size: number;
  abstract get(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;

  /** Whether it is a key; a map may have values for keys that it does not have. */
  has(key: Value): boolean {
    return this.get(key) !== undefined;
  }

  get type(): Type {
    return mapType;
  }

  *entries(): Generator<readonly [key: Value, value: Value]> {
    for (const key of this.keys()) yield [key, this.get(key) as Value];
  }
}

/** A map that an expression makes. */
export class BuiltMap extends CelMap {
  static readonly empty: BuiltMap = new BuiltMap(new Map(), 0);
  readonly size: number;
  /** May hold entries of larger maps that grew out of this one; those have indexes from `size` on. */
  readonly #entries: Map<Key, Entry>;

  private constructor(entries: Map<Key, Entry>, size: number) {
    super();
    this.#entries = entries;
    this.size = size;
  }

  /** `undefined` when a value cannot be a key. Of several entries with one key, the last counts. */
  static of(entries: Iterable<readonly [Value, Value]>): BuiltMap | undefined {
    const found = new Map<Key, Entry>();
    for (const [key, value] of entries) {
      const known = keyOf(key);
      if (known === undefined) return undefined;
      found.set(known, { index: found.get(known)?.index ?? found.size, key, value });
    }
    return new BuiltMap(found, found.size);
  }

  /** With one entry more, of a new key. Adding to what was just added to does not copy, so that loops stay linear. */
  with(key: Value, value: Value): BuiltMap | undefined {
    const known = keyOf(key);
    if (known === undefined || this.get(key) !== undefined) return undefined;
    const grows = this.size > 0 && this.#entries.size === this.size;
    const entries = grows ? this.#entries : new Map([...this.#entries].slice(0, this.size));
    entries.set(known, { index: this.size, key, value });
    return new BuiltMap(entries, this.size + 1);
  }

  get(key: Value): Value | undefined {
    const known = keyOf(key);
    const entry = known === undefined ? undefined : this.#entries.get(known);
    return entry !== undefined && entry.index < this.size ? entry.value : undefined;
  }

  *keys(): Generator<Value> {
    for (const { index, key } of this.#entries.values()) if (index < this.size) yield key;
  }
}

interface Entry {
  readonly index: number;
  readonly key: Value;
  readonly value: Value;
}

/** A map of plain data: a JSON object. */
export class DataMap extends CelMap {
  readonly #data: { readonly [key: string]: unknown };
  readonly #wrap: Wrap;
  #keys: readonly string[] | undefined;

  constructor(data: { readonly [key: string]: unknown }, wrap: Wrap) {
    super();
    this.#data = data;
    this.#wrap = wrap;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#data, key)) return undefined;
    const data = this.#data[key];
    return data === undefined ? undefined : this.#wrap(data);
  }

  keys(): readonly string[] {
    return (this.#keys ??= Object.keys(this.#data).filter((key) => this.#data[key] !== undefined));
  }
}

type Key = string | boolean | Int;

function keyOf(value: Value): Key | undefined {
  if (typeof value === "string" || typeof value === "boolean" || isInt(value)) return value;
  if (value instanceof Uint) return value.value;
  return value instanceof Double && Number.isSafeInteger(value.value) ? value.value + 0 : undefined;
}
