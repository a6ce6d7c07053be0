import type { Value } from "../values/value.ts";

export type RunTimeCost = number | ((values: readonly Value[], result: Value) => number);

export function runTimeCost(_name: string, _overload: string): RunTimeCost {
  return 1;
}
