import { formatValue } from "../values/format-value.ts";
import { CelList } from "../values/list.ts";
import { CelMap } from "../values/map.ts";
import { Double, isInt, Uint } from "../values/numbers.ts";
import { CelObject } from "../values/object.ts";
import { typeName, typeOfValue } from "../values/types.ts";
import { EvaluationError, Optional, type Value } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";

/** `operand.field` and `operand[key]`; on an optional it gives an optional. A plan fails when nothing is there. */
export function planAccess(operand: Step, key: Step): Step {
  return (frame) => {
    const from = operand(frame);
    if (from instanceof Optional) return accessOptionally(from, key, frame);
    const at = key(frame);
    frame.spend(1);
    const found = find(from, at);
    if (found === undefined) throw missing(from, at);
    return found;
  };
}

/** `operand.?field` and `operand[?key]`: an optional, which holds nothing where nothing is. */
export function planOptionalAccess(operand: Step, key: Step): Step {
  return (frame) => accessOptionally(operand(frame), key, frame);
}

/** Finding nothing is free; in what holds nothing, nothing is looked for. */
function accessOptionally(operand: Value, key: Step, frame: Frame): Optional {
  const inner = operand instanceof Optional ? operand.value : operand;
  const found = inner === undefined ? undefined : find(inner, key(frame));
  if (found === undefined) return Optional.none;
  frame.spend(1);
  return found instanceof Optional ? found : new Optional(found);
}

/** `has(operand.field)`. */
export function isPresent(operand: Value, field: string): boolean {
  const inner = operand instanceof Optional ? operand.value : operand;
  if (inner === undefined) return false;
  return find(inner, field) !== undefined;
}

/** `undefined` when it is not there, as in what holds nothing. @throws EvaluationError when a list is asked for what is no index */
function find(operand: Value, key: Value): Value | undefined {
  if (operand instanceof CelObject) return typeof key === "string" ? operand.get(key) : undefined;
  if (operand instanceof CelMap) return operand.get(key);
  return operand instanceof CelList ? operand.at(listIndex(key)) : undefined;
}

function missing(operand: Value, key: Value): EvaluationError {
  if (operand instanceof CelList) return new EvaluationError(`index out of bounds: ${formatValue(key)}`);
  const isKey = typeof key === "string" || typeof key === "boolean" || isInt(key) || key instanceof Uint || key instanceof Double;
  return new EvaluationError(isKey ? `no such key: ${formatValue(key)}` : "unsupported key type");
}

function listIndex(key: Value): number {
  const number = key instanceof Uint || key instanceof Double ? key.value : isInt(key) ? key : undefined;
  if (number === undefined) throw new EvaluationError(`unsupported index type '${typeName(typeOfValue(key))}' in list`);
  if (typeof number === "number" && !Number.isInteger(number)) throw new EvaluationError(`unsupported index value ${number} in list`);
  return Number(number);
}

