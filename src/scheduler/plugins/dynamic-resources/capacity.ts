import type { DeviceCapacity } from "#api/generated/resource-v1.ts";
import { addQuantities, compareQuantities, formatQuantity, multiplyQuantity, parseQuantity, type Quantity, subtractQuantities } from "#machinery/quantity.ts";
import type { OfferedDevice } from "../../devices/device-pools.ts";

/**
 * How much a claim takes of each capacity of a device (KEP-5075): what it asks for, rounded up to what may be asked for; else what counts as
 * asked; else all.
 * @param requests by name; one without a domain is the driver's
 * @returns `undefined` where the device does not have what is asked for, or does not give that much to one claim
 */
export function consumption(
  { device, slice: { spec } }: OfferedDevice, requests: { readonly [name: string]: string },
): ReadonlyMap<string, Quantity> | undefined {
  const capacity = device.capacity ?? {};
  const prefix = `${spec.driver}/`;
  const wanted = new Map<string, Quantity>();
  for (const [name, amount] of Object.entries(requests)) {
    const own = [name, name.startsWith(prefix) ? name.slice(prefix.length) : `${prefix}${name}`].find((known) => known in capacity);
    if (own === undefined) return undefined;
    wanted.set(own, parseQuantity(amount));
  }
  const taken = new Map<string, Quantity>();
  for (const [name, offered] of Object.entries(capacity)) {
    const amount = amountOf(wanted.get(name), offered);
    if (amount === undefined || compareQuantities(amount, offered.value) > 0) return undefined;
    taken.set(name, amount);
  }
  return taken;
}

/** As claims' statuses have it. */
export function consumedCapacity(taken: ReadonlyMap<string, Quantity>): { readonly [name: string]: string } {
  return Object.fromEntries([...taken].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function amountOf(wanted: Quantity | undefined, { value, requestPolicy }: DeviceCapacity): Quantity | undefined {
  if (!wanted) return parseQuantity(requestPolicy?.default ?? value);
  if (requestPolicy?.validRange) return inRange(wanted, requestPolicy.validRange);
  if (requestPolicy?.validValues === undefined) return wanted;
  const valid = requestPolicy.validValues.map(parseQuantity).sort(compareQuantities);
  return valid.find((one) => compareQuantities(one, wanted) >= 0);
}

function inRange(wanted: Quantity, range: { readonly min: string; readonly max?: string; readonly step?: string }): Quantity | undefined {
  const least = parseQuantity(range.min);
  let amount = compareQuantities(wanted, least) < 0 ? least : wanted;
  if (range.step !== undefined) {
    const step = parseQuantity(range.step);
    const above = subtractQuantities(amount, least).nanos;
    const steps = (above + step.nanos - 1n) / step.nanos;
    amount = addQuantities(least, multiplyQuantity(step, steps));
  }
  return range.max !== undefined && compareQuantities(amount, range.max) > 0 ? undefined : amount;
}
