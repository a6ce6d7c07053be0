import { Bytes } from "./bytes.ts";
import { CelList } from "./list.ts";
import { CelMap } from "./map.ts";
import { Double, Uint } from "./numbers.ts";
import { CelObject } from "./object.ts";
import { Duration, formatSeconds, formatTimestamp, Timestamp } from "./time.ts";
import { EvaluationError, Optional, type Value } from "./value.ts";

/** A value as plain data, the opposite of wrap.ts. `undefined` for an optional that is none. @throws EvaluationError where it is no data */
export function unwrap(value: Value): unknown {
  if (value === null || typeof value !== "object") return typeof value === "bigint" ? Number(value) : value;
  if (value instanceof CelList) return [...value].map(unwrap);
  if (value instanceof CelMap) return Object.fromEntries([...value.entries()].map(([key, each]) => [keyText(key), unwrap(each)]));
  if (value instanceof CelObject) return fieldsOf(value);
  if (value instanceof Double || value instanceof Uint) return Number(value.value);
  if (value instanceof Bytes) return btoa(String.fromCharCode(...value.data));
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatSeconds(value);
  if (value instanceof Optional) return value.value === undefined ? undefined : unwrap(value.value);
  throw new EvaluationError("the value cannot be written as JSON");
}

function fieldsOf(object: CelObject): { readonly [field: string]: unknown } {
  return Object.fromEntries([...object.present()].map((name) => {
    const value = object.get(name);
    return [object.type.field(name)?.name ?? name, value === undefined ? undefined : unwrap(value)];
  }));
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  throw new EvaluationError("the keys of a map in JSON are texts");
}
