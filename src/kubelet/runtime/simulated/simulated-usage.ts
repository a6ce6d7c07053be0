import type { Container, Pod } from "#api/generated/core-v1.ts";
import { approximateValue, isQuantity } from "#machinery/quantity.ts";
import { behaviourPrefix } from "./behaviour.ts";

/** What a simulated container pretends to use. */
export interface SimulatedUsage {
  /** Cores in use, in billionths. */
  readonly nanoCores: number;
  readonly memoryBytes: number;
}

const least: SimulatedUsage = { nanoCores: 1_000_000, memoryBytes: 4 * 1024 * 1024 };

/** What each container of a simulated pod uses: what the pod's annotations say, or else a part of what it requests. */
export function simulatedUsage({ metadata: { annotations = {} } }: Pod, { resources }: Container): SimulatedUsage {
  const amount = (name: "cpu" | "memory", share: number): number | undefined => {
    const said = annotations[behaviourPrefix + name];
    if (said !== undefined && isQuantity(said)) return Math.max(0, approximateValue(said));
    const requested = resources.requests?.[name];
    return requested === undefined ? undefined : approximateValue(requested) * share;
  };
  const cores = amount("cpu", 0.1);
  return {
    nanoCores: cores === undefined ? least.nanoCores : Math.round(cores * 1e9),
    memoryBytes: Math.round(amount("memory", 0.5) ?? least.memoryBytes),
  };
}
