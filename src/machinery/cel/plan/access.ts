import { formatValue } from "../values/format-value.ts";
import { CelList } from "../values/list.ts";
import { CelMap } from "../values/map.ts";
import { Double, isInt, Uint } from "../values/numbers.ts";
import { CelObject } from "../values/object.ts";
import { EvaluationError, Optional, type Value } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";

/** `operand.field` and `operand[key]`; on an optional it gives an optional. A plan fails when nothing is there. */
export function planAccess(operand: Step, key: Step): Step {
  return (frame) => {
    const from = operand(frame);
    const at = key(frame);
    if (from instanceof Optional) return chargedIfFound(accessOptionally(from, at), frame);
    frame.spend(1);
    const found = find(from, at);
    if (found === undefined) throw missing(from, at);
    return found;
  };
}

/** `operand.?field` and `operand[?key]`: an optional, which holds nothing where nothing is. */
export function planOptionalAccess(operand: Step, key: Step): Step {
  return (frame) => chargedIfFound(accessOptionally(operand(frame), key(frame)), frame);
}

/** Finding nothing is free. */
function chargedIfFound(found: Optional, frame: Frame): Optional {
  if (found !== Optional.none) frame.spend(1);
  return found;
}

function accessOptionally(operand: Value, key: Value): Optional {
  const inner = operand instanceof Optional ? operand.value : operand;
  if (inner === undefined) return Optional.none;
  const found = find(inner, key);
  return found === undefined ? Optional.none : found instanceof Optional ? found : new Optional(found);
}

/** `has(operand.field)`. */
export function isPresent(operand: Value, field: string): boolean {
  const inner = operand instanceof Optional ? operand.value : operand;
  if (inner === undefined) return false;
  return find(inner, field) !== undefined;
}

/** `undefined` when it is not there. @throws EvaluationError when nothing could ever be there */
function find(operand: Value, key: Value): Value | undefined {
  if (operand instanceof CelObject && typeof key === "string") return operand.get(key);
  if (operand instanceof CelMap) return operand.get(key);
  if (operand instanceof CelList) return operand.at(listIndex(key));
  throw new EvaluationError("no such overload");
}

function missing(operand: Value, key: Value): EvaluationError {
  if (operand instanceof CelList) return new EvaluationError(`index out of bounds: ${formatValue(key)}`);
  const isKey = typeof key === "string" || typeof key === "boolean" || isInt(key) || key instanceof Uint || key instanceof Double;
  return new EvaluationError(isKey ? `no such key: ${formatValue(key)}` : "unsupported key type");
}

function listIndex(key: Value): number {
  const number = key instanceof Uint || key instanceof Double ? key.value : isInt(key) ? key : undefined;
  if (number === undefined) throw new EvaluationError("no such overload");
  if (typeof number === "number" && !Number.isInteger(number)) throw new EvaluationError(`unsupported index value ${number} in list`);
  return Number(number);
}

