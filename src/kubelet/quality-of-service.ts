import type { Pod } from "#api/generated/core-v1.ts";
import { addQuantities, compareQuantities, parseQuantity, quantitySign, type Quantity } from "#machinery/quantity.ts";

export type QualityOfService = "Guaranteed" | "Burstable" | "BestEffort";

type Amounts = { readonly [resource: string]: string } | undefined;

const counted = ["cpu", "memory"];

/**
 * How a pod is treated when the node runs short: Guaranteed when each container's cpu and memory limits equal its requests,
 * BestEffort when nobody asks for anything, Burstable otherwise. Resources of the whole pod, where given, decide alone.
 */
export function qualityOfService(pod: Pod): QualityOfService {
  const whole = pod.spec.resources;
  const containers = whole?.requests !== undefined || whole?.limits !== undefined
    ? [whole]
    : [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => container.resources);
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let everyoneIsLimited = true;
  for (const resources of containers) {
    count(requests, resources?.requests);
    count(limits, resources?.limits);
    everyoneIsLimited &&= counted.every((name) => isPositive(resources?.limits?.[name]));
  }
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal = counted.every((name) => {
    const limit = limits.get(name);
    const request = requests.get(name) ?? limit;
    return limit !== undefined && request !== undefined && compareQuantities(limit, request) === 0;
  });
  return everyoneIsLimited && equal ? "Guaranteed" : "Burstable";
}

function count(totals: Map<string, Quantity>, amounts: Amounts): void {
  for (const name of counted) {
    const amount = amounts?.[name];
    if (!isPositive(amount)) continue;
    const quantity = parseQuantity(amount);
    const total = totals.get(name);
    totals.set(name, total === undefined ? quantity : addQuantities(total, quantity));
  }
}

function isPositive(amount: string | undefined): amount is string {
  return amount !== undefined && quantitySign(amount) > 0;
}
