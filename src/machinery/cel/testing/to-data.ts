import { base64OfBytes } from "../../schema/protobuf/base64.ts";
import { type Json, type JsonObjectDraft, setField } from "../../json.ts";
import { Bytes } from "../values/bytes.ts";
import { formatValue } from "../values/format-value.ts";
import { CelList } from "../values/list.ts";
import { CelMap } from "../values/map.ts";
import { CelObject } from "../values/object.ts";
import { Duration, formatSeconds, formatTimestamp, Timestamp } from "../values/time.ts";
import { typeName } from "../values/types.ts";
import { EvaluationError, numberOf, Optional, TypeValue, type Value } from "../values/value.ts";

/** Values that one conversion may make: more than fit into a request. */
const most = 1_000_000;

/**
 * A value as JSON: numbers of all types as numbers, bytes in base64, times and durations as texts, an optional as what it holds.
 * @throws EvaluationError for what JSON has nothing for, such as an IP address, and when it is too much
 */
export function toData(value: Value): Json {
  let left = most;
  const convert = (inner: Value): Json => {
    if (left-- <= 0) throw new EvaluationError("value too large");
    if (inner === null || typeof inner === "string" || typeof inner === "boolean") return inner;
    const number = numberOf(inner);
    if (number !== undefined) return Number(number);
    if (inner instanceof CelList) return Array.from(inner, convert);
    if (inner instanceof CelMap || inner instanceof CelObject) return record(inner.entries());
    if (inner instanceof Bytes) return base64OfBytes(inner.data);
    if (inner instanceof Timestamp) return formatTimestamp(inner);
    if (inner instanceof Duration) return formatSeconds(inner);
    if (inner instanceof TypeValue) return typeName(inner.of);
    if (inner instanceof Optional) return inner.value === undefined ? null : convert(inner.value);
    throw new EvaluationError(`type conversion error from '${typeof inner === "object" ? typeName(inner.type) : typeof inner}' to JSON`);
  };
  const record = (entries: Iterable<readonly [Value, Value]>): Json => {
    const draft: JsonObjectDraft = {};
    for (const [key, inner] of entries) setField(draft, formatValue(key), convert(inner));
    return draft;
  };
  return convert(value);
}
