import { bytesOfBase64 } from "../../schema/protobuf/base64.ts";
import type { Type } from "../types/type.ts";
import { Bytes } from "./bytes.ts";
import { CelList } from "./list.ts";
import { DataMap } from "./map.ts";
import { Double, type Int, intOf, Uint } from "./numbers.ts";
import { CelObject, type PlainObject } from "./object.ts";
import { parseDuration, parseTimestamp } from "./time.ts";
import { EvaluationError, Optional, type Value, type Wrap } from "./value.ts";
import { ValueObject } from "./value-object.ts";

const wraps = new WeakMap<Type, Wrap>();

/**
 * How plain data of a type become a value. Lists, maps and objects become views: nothing in them is read before an expression
 * looks at it. What is a value already stays as it is; data that do not have the type become what they look like.
 */
export function wrapOf(type: Type): Wrap {
  let wrap = wraps.get(type);
  if (wrap === undefined) {
    wrap = makeWrap(type);
    wraps.set(type, wrap);
  }
  return wrap;
}

function makeWrap(type: Type): Wrap {
  switch (type.is) {
    case "list": {
      const element = wrapOf(type.of);
      return (data) => (Array.isArray(data) ? CelList.wrapping(data, element, type.identity) : wrapAny(data));
    }
    case "map": {
      const value = wrapOf(type.value);
      return (data) => (isPlainObject(data) ? new DataMap(data, value) : wrapAny(data));
    }
    case "struct":
      return (data) => (isPlainObject(data) ? new CelObject(type, data, wrapOf) : wrapAny(data));
    case "opaque": {
      const inner = type.parameters[0] === undefined ? wrapAny : wrapOf(type.parameters[0]);
      return (data) => (data === undefined ? Optional.none : data instanceof ValueObject ? data : new Optional(inner(data)));
    }
    default:
      return scalarWraps[type.is] ?? wrapAny;
  }
}

const scalarWraps: { readonly [is: string]: Wrap } = {
  double: (data) => (typeof data === "number" ? new Double(data) : wrapAny(data)),
  uint: (data) => (typeof data === "number" ? new Uint(data) : wrapAny(data)),
  bytes: (data) => (typeof data === "string" ? new Bytes(base64(data)) : wrapAny(data)),
  timestamp: (data) => parsed(data, "timestamp", (text) => parseTimestamp(text, true)),
  duration: (data) => parsed(data, "duration", parseDuration),
};

/** Data whose type is known only by looking: whole numbers are ints, all others doubles. */
export function wrapAny(data: unknown): Value {
  switch (typeof data) {
    case "string":
    case "boolean":
      return data;
    case "number":
      return Number.isInteger(data) ? wholeNumber(data) : new Double(data);
    case "bigint":
      return intOf(data);
    case "object":
      return data === null || data instanceof ValueObject ? data : wrapContainer(data);
    default:
      return null;
  }
}

function wrapContainer(data: object): CelList | DataMap {
  return Array.isArray(data) ? CelList.wrapping(data, wrapAny) : new DataMap(data as PlainObject, wrapAny);
}

function wholeNumber(data: number): Int | Double {
  if (Number.isSafeInteger(data)) return data + 0;
  return Math.abs(data) < 2 ** 63 ? intOf(BigInt(data)) : new Double(data);
}

function parsed<T extends Value>(data: unknown, what: string, parse: (text: string) => T | undefined): Value {
  if (typeof data !== "string") return wrapAny(data);
  const value = parse(data);
  if (value === undefined) throw new EvaluationError(`Invalid ${what} ${data}`);
  return value;
}

function base64(text: string): Uint8Array {
  try {
    return bytesOfBase64(text);
  } catch {
    throw new EvaluationError("unexpected error decoding base64 string");
  }
}

function isPlainObject(data: unknown): data is PlainObject {
  return typeof data === "object" && data !== null && !Array.isArray(data) && !(data instanceof ValueObject);
}
