import { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantitySign, subtractQuantities } from "./quantity.ts";

/** Amounts by resource name, such as `{ cpu: "500m", memory: "1Gi" }` (API reference: core/v1 ResourceList). */
export interface ResourceList {
  readonly [resource: string]: string;
}

export function addResources(left: ResourceList, right: ResourceList): ResourceList {
  return combined(left, right, (a, b) => formatQuantity(addQuantities(parseQuantity(a), parseQuantity(b))));
}

/** What remains of `left`; amounts may become negative. */
export function subtractResources(left: ResourceList, right: ResourceList): ResourceList {
  return combined(left, right, (a, b) => formatQuantity(subtractQuantities(parseQuantity(a), parseQuantity(b))), "0");
}

/** The larger amount of each resource. */
export function maximumResources(left: ResourceList, right: ResourceList): ResourceList {
  return combined(left, right, (a, b) => (compareQuantities(a, b) >= 0 ? a : b));
}

/** Whether both name the same resources with the same amounts, however they are written. */
export function sameResources(left: ResourceList, right: ResourceList): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => {
    const [a, b] = [amount(left, name), amount(right, name)];
    return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
  });
}

/** The resources of which `used` is more than `limit`; a resource that `limit` does not name is not limited. */
export function exceededResources(used: ResourceList, limit: ResourceList): readonly string[] {
  return Object.keys(used).filter((name) => {
    const [amountUsed, amountAllowed] = [amount(used, name), amount(limit, name)];
    return amountUsed !== undefined && amountAllowed !== undefined && compareQuantities(amountUsed, amountAllowed) > 0;
  }).sort();
}

export function negativeResources(list: ResourceList): readonly string[] {
  return Object.entries(list).filter(([, quantity]) => quantitySign(quantity) < 0).map(([name]) => name).sort();
}

function amount(list: ResourceList, name: string): string | undefined {
  return Object.hasOwn(list, name) ? list[name] : undefined;
}

function isEmpty(list: ResourceList): boolean {
  for (const name in list) if (Object.hasOwn(list, name)) return false;
  return true;
}

/** @param missing what stands for an amount that one side lacks; without it, the other side's is taken as it is */
function combined(left: ResourceList, right: ResourceList, combine: (a: string, b: string) => string, missing?: string): ResourceList {
  if (missing === undefined && isEmpty(left)) return right;
  if (isEmpty(right)) return left;
  const entries: [string, string][] = [];
  for (const [name, a] of Object.entries(left)) {
    const b = amount(right, name) ?? missing;
    entries.push([name, b === undefined ? a : combine(a, b)]);
  }
  for (const [name, b] of Object.entries(right)) {
    if (!Object.hasOwn(left, name)) entries.push([name, missing === undefined ? b : combine(missing, b)]);
  }
  return Object.fromEntries(entries);
}
