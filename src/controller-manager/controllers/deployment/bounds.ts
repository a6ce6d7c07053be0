import type { Deployment } from "#api/apps/deployment.ts";
import { scaledValue } from "../../int-or-percent.ts";

/** How many pods more than wanted there may be, and how many fewer may be available, while a rolling update goes on. */
export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

const strict: Bounds = { maxSurge: 0, maxUnavailable: 0 };

/** One of the two is at least 1, or nothing would ever move. */
export function boundsOf({ spec: { replicas, strategy } }: Deployment): Bounds {
  if (strategy.type !== "RollingUpdate") return strict;
  const maxSurge = scaledValue(strategy.rollingUpdate?.maxSurge, replicas, "up");
  const maxUnavailable = scaledValue(strategy.rollingUpdate?.maxUnavailable, replicas, "down");
  if (replicas === 0) return { maxSurge, maxUnavailable: 0 };
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : Math.min(maxUnavailable, replicas) };
}
