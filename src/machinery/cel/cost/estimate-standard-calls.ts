import { type CallEstimate, type ElementSizes, type Operand, patternCost } from "./estimate-calls.ts";
import { textFactor } from "./factors.ts";
import { add, exactly, multiply, type Range, scale, union, unknown } from "./range.ts";

type StandardEstimate = CallEstimate & { readonly elements?: ElementSizes | undefined };

/** Estimates a call of a standard function, its arguments included. @param elements what is known of those of the arguments */
export function estimateStandardCall(
  id: string, target: Operand | undefined, parts: readonly Operand[], costs: readonly Range[], elements: readonly (ElementSizes | undefined)[],
): StandardEstimate {
  const [first = unknown, second = unknown, third = unknown] = parts.map(({ size }) => size ?? unknown);
  const on = target?.size ?? unknown;
  const before = add(...costs);
  switch (id) {
    case "string_format":
      return { cost: add(scale(on, textFactor), before) };
    case "string_to_bytes":
      return { cost: add(scale(first, textFactor), before), size: { minimum: first.minimum, maximum: first.maximum * 4 } };
    case "bytes_to_string":
      return { cost: add(scale(first, textFactor), before), size: { minimum: Math.floor(first.minimum / 4), maximum: first.maximum } };
    case "strings_quote":
      return { cost: add(scale(first, textFactor), before), size: { minimum: first.minimum + 2, maximum: first.maximum * 2 + 2 } };
    case "starts_with_string":
    case "ends_with_string":
      return { cost: add(scale(first, textFactor), before) };
    case "in_list":
      return { cost: add(second, before) };
    case "matches_string":
      return { cost: add(patternCost(on, first), before) };
    case "contains_string":
      return { cost: add(multiply(scale(on, textFactor), scale(first, textFactor)), before) };
    case "logical_and":
    case "logical_or":
      return { cost: { minimum: costs[0]?.minimum ?? 0, maximum: before.maximum } };
    case "conditional":
      return {
        cost: add(costs[0] ?? unknown, union(costs[1] ?? unknown, costs[2] ?? unknown)), size: union(second, third),
        elements: bothElements(elements[1], elements[2]),
      };
    case "add_list":
      return { cost: add(exactly(1), before), size: add(first, second), elements: bothElements(elements[0], elements[1]) };
    case "add_string":
    case "add_bytes":
      return { cost: add(scale(add(first, second), textFactor), before), size: add(first, second) };
    default:
      return { cost: add(comparison.test(id) ? scale(compared(first, second), textFactor) : exactly(1), before) };
  }
}

const comparison = /^(equals|not_equals|(less|greater)(_equals)?_(string|bytes))$/;

/** Comparing ends with the shorter of both. */
function compared(left: Range, right: Range): Range {
  const maximum = Math.min(left.maximum, right.maximum);
  return { minimum: maximum > 0 ? 1 : 0, maximum };
}

function bothElements(left: ElementSizes | undefined, right: ElementSizes | undefined): ElementSizes | undefined {
  if (left === undefined || right === undefined) return undefined;
  return { of: left.of, key: union(left.key, right.key), value: union(left.value, right.value) };
}
