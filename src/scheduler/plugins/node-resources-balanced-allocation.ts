import type { NodeResourcesBalancedAllocationArgs } from "#api/generated/schedulerconfig-v1.ts";
import { mostPoints, type Plugin } from "../plugin.ts";
import { usualResources } from "../resource-scores.ts";

/** Prefers nodes where the resources would be used to a like share: the less the shares deviate, the more points. */
export function nodeResourcesBalancedAllocation({ resources = usualResources }: NodeResourcesBalancedAllocationArgs = {}): Plugin<undefined, true> {
  return {
    name: "NodeResourcesBalancedAllocation",
    prepareScore: ({ requests }) => (resources.some(({ name }) => requests.get(name) > 0) ? true : undefined),
    score({ requests }, { allocatable, requested }) {
      const shares: number[] = [];
      for (const { name } of resources) {
        const whole = allocatable.get(name);
        if (whole > 0) shares.push(Math.min(1, (requested.get(name) + requests.get(name)) / whole));
      }
      return Math.floor((1 - deviation(shares)) * mostPoints);
    },
  };
}

function deviation(shares: readonly number[]): number {
  const [first = 0, second = 0] = shares;
  if (shares.length <= 2) return shares.length < 2 ? 0 : Math.abs(first - second) / 2;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
}
