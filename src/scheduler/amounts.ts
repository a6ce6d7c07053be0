import { milliValue, value } from "#machinery/quantity.ts";
import type { ResourceList } from "#machinery/resource-list.ts";

/** Amounts by resource, as numbers: cpu in thousandths, all else in whole units (bytes, pieces). */
export type Amounts = ReadonlyMap<string, number>;

export function amountsOf(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, name === "cpu" ? milliValue(quantity) : value(quantity)]));
}

/** Adds `times` the amounts to a sum. */
export function accumulate(sum: Map<string, number>, amounts: Amounts, times: 1 | -1): void {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + times * amount);
}
