import { CelList } from "../values/list.ts";
import { CelMap } from "../values/map.ts";
import { CelObject } from "../values/object.ts";
import { typeOfValue } from "../values/types.ts";
import { EvaluationError, type Value } from "../values/value.ts";
import { type Deferred, Failure, type Frame, isDeferred, type Step } from "./frame.ts";

/** A planned comprehension; slots are those of its variables. */
export interface Loop {
  readonly range: Step;
  readonly variable: number;
  readonly second: number | undefined;
  readonly accumulator: number;
  readonly initial: Step;
  readonly condition: Step;
  readonly step: Step;
  readonly result: Step;
}

/** Folds the range. An error in a step becomes the state of the fold, so that a later step may absorb it. */
export function planLoop(loop: Loop): Step {
  return (frame) => {
    const elements = elementsOf(loop.range(frame), loop.second !== undefined);
    frame.locals[loop.accumulator] = loop.initial(frame);
    for (const [first, second] of elements) {
      if (loop.condition(frame) !== true) break;
      frame.locals[loop.variable] = first;
      if (loop.second !== undefined) frame.locals[loop.second] = second;
      frame.locals[loop.accumulator] = attempt(loop.step, frame);
    }
    return loop.result(frame);
  };
}

/** A name for a value within an expression; evaluated when first used, once. */
export function planBinding(slot: number, value: Step, result: Step): Step {
  return (frame) => {
    frame.locals[slot] = new Suspended(slot, value);
    return result(frame);
  };
}

/** Reads a loop variable, an accumulator or a bound name. */
export function planLocal(slot: number): (frame: Frame) => Value {
  return (frame) => {
    const local = frame.locals[slot] as Value | Deferred;
    return isDeferred(local) ? local.value(frame) : local;
  };
}

class Suspended implements Deferred {
  readonly isDeferred = true;
  readonly #slot: number;
  readonly #step: Step;

  constructor(slot: number, step: Step) {
    this.#slot = slot;
    this.#step = step;
  }

  value(frame: Frame): Value {
    const result = attempt(this.#step, frame);
    frame.locals[this.#slot] = result;
    return isDeferred(result) ? result.value() : result;
  }
}

function attempt(step: Step, frame: Frame): Value | Failure {
  try {
    return step(frame);
  } catch (error) {
    if (error instanceof EvaluationError) return new Failure(error);
    throw error;
  }
}

type Element = readonly [Value, Value];

/** Elements of lists and keys of maps; in pairs, indexes with elements and keys with values. */
function* elementsOf(range: Value, pairs: boolean): Generator<Element> {
  if (range instanceof CelList) {
    for (let index = 0; index < range.length; index++) {
      const element = range.at(index) as Value;
      yield pairs ? [index, element] : [element, null];
    }
  } else if (range instanceof CelMap) {
    for (const key of range.keys()) yield [key, pairs ? (range.get(key) as Value) : null];
  } else if (range instanceof CelObject) {
    for (const name of range.present()) yield [name, pairs ? (range.get(name) as Value) : null];
  } else {
    const name = typeOfValue(range).is;
    throw new EvaluationError(`got 'types.${name.charAt(0).toUpperCase()}${name.slice(1)}', expected iterable type`);
  }
}
