import type { Overload } from "../types/declarations.ts";
import type { Type } from "../types/type.ts";
import { type RunTimeCost, runTimeCost } from "../cost/run-time.ts";
import { fits } from "../values/types.ts";
import type { Value } from "../values/value.ts";
import type { Step } from "./frame.ts";
import { noSuchOverload } from "./no-such-overload.ts";

/**
 * A call of an ordinary function. What the checker has settled is not looked at again; where arguments are dyn, the first meaning
 * that fits the values is taken.
 * @param known types of the arguments, as far as the checker knows them
 */
export function planCall(name: string, overloads: readonly Overload[], parts: readonly Step[], known: readonly (Type | undefined)[]): Step {
  const [only] = overloads;
  if (only === undefined || overloads.length > 1) return dispatch(name, overloads, parts);
  const run = only.run as (...values: Value[]) => Value;
  const isGuarded = only.parameters.some((parameter, index) => !isSettled(known[index], parameter));
  return call(parts, runTimeCost(name, only.id), isGuarded ? guarded(name, only, run) : run);
}

function guarded(name: string, overload: Overload, run: (...values: Value[]) => Value): (...values: Value[]) => Value {
  return (...values) => {
    if (!takes(overload, values)) throw noSuchOverload(name, values);
    return run(...values);
  };
}

function dispatch(name: string, overloads: readonly Overload[], parts: readonly Step[]): Step {
  return call(parts, runTimeCost(name, ""), (...values) => {
    const chosen = overloads.find((overload) => takes(overload, values));
    if (chosen === undefined) throw noSuchOverload(name, values);
    return (chosen.run as (...values: Value[]) => Value)(...values);
  });
}

/** What can be charged before is: nothing is done that cannot be paid. Calls of one and two arguments, which most are, do without a list. */
function call(parts: readonly Step[], cost: RunTimeCost, run: (...values: Value[]) => Value): Step {
  if (typeof cost === "object") return callByResult(parts, cost.byResult, run);
  const [first, second] = parts;
  if (first !== undefined && parts.length === 1) {
    return (frame) => {
      const value = first(frame);
      frame.spend(typeof cost === "number" ? cost : cost([value]));
      return run(value);
    };
  }
  if (first !== undefined && second !== undefined && parts.length === 2) {
    return (frame) => {
      const left = first(frame);
      const right = second(frame);
      frame.spend(typeof cost === "number" ? cost : cost([left, right]));
      return run(left, right);
    };
  }
  return (frame) => {
    const values = parts.map((part) => part(frame));
    frame.spend(typeof cost === "number" ? cost : cost(values));
    return run(...values);
  };
}

function callByResult(parts: readonly Step[], cost: (result: Value) => number, run: (...values: Value[]) => Value): Step {
  return (frame) => {
    const result = run(...parts.map((part) => part(frame)));
    frame.spend(cost(result));
    return result;
  };
}

function takes(overload: Overload, values: readonly Value[]): boolean {
  return values.length === overload.parameters.length && overload.parameters.every((type, index) => fits(values[index] as Value, type));
}

/** Whether the checker's knowledge of an argument makes a look at its value needless. */
function isSettled(known: Type | undefined, parameter: Type): boolean {
  if (parameter.is === "dyn" || parameter.is === "parameter") return true;
  return known !== undefined && known.is === parameter.is;
}
