/** A value as JSON has it. `undefined` in a field means that the field is absent. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/** An object while it is being built; afterwards it is passed on as a `JsonObject` and never changed again. */
export type JsonObjectDraft = Record<string, Json | undefined>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** A field of the object's own: names such as `constructor` and `__proto__` are ordinary names here. */
export function field(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a field even when it is called `__proto__`. */
export function setField(draft: JsonObjectDraft, name: string, value: Json): void {
  if (name === "__proto__") Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true });
  else draft[name] = value;
}

/** A shallow copy that may be changed. */
export function draftOf(object: JsonObject): JsonObjectDraft {
  return { ...object };
}

/** A copy of a JSON value that shares nothing with it; several times faster than structuredClone. */
export function copyOf<T>(value: T): T {
  return copied(value as Json) as T;
}

function copied(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isJsonArray(value)) return value.map(copied);
  const copy: JsonObjectDraft = {};
  for (const name in value) {
    const item = value[name];
    if (item !== undefined) setField(copy, name, copied(item));
  }
  return copy;
}
