import { EvaluationError, type Value } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";

/** `left && right`: false if either is, whatever the other does. */
export function planAnd(left: Step, right: Step): Step {
  return planJunction(left, right, false);
}

/** `left || right`: true if either is, whatever the other does. */
export function planOr(left: Step, right: Step): Step {
  return planJunction(left, right, true);
}

/** `condition ? whenTrue : whenFalse`. */
export function planConditional(condition: Step, whenTrue: Step, whenFalse: Step): Step {
  return (frame) => (bool(condition(frame)) ? whenTrue(frame) : whenFalse(frame));
}

/** What loops go on by: only a plain false ends them. */
export function planNotStrictlyFalse(value: Step): Step {
  return (frame) => {
    const result = settled(value, frame);
    frame.spend(1);
    return result !== false;
  };
}

/** One side that equals `decisive` decides; otherwise errors of either side come out, the left one first. */
function planJunction(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    const first = settled(left, frame);
    if (first === decisive) return decisive;
    const second = settled(right, frame);
    if (second === decisive) return decisive;
    if (first instanceof EvaluationError) throw first;
    if (second instanceof EvaluationError) throw second;
    return bool(first) && bool(second);
  };
}

function settled(step: Step, frame: Frame): Value | EvaluationError {
  try {
    return step(frame);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
}

function bool(value: Value): boolean {
  if (typeof value !== "boolean") throw new EvaluationError("no such overload");
  return value;
}
