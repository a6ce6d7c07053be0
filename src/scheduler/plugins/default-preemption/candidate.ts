import type { NodeInfo } from "../../node-info.ts";
import type { PodInfo } from "../../pod-info.ts";

/** A node where a pod would fit if these pods left. */
export interface Candidate {
  readonly node: NodeInfo;
  /** The most important first; at least one. */
  readonly victims: readonly PodInfo[];
  /** How many of them leave against a disruption budget. */
  readonly violations: number;
}

/** When it started, in milliseconds; a pod that has not yet, counts as the latest. */
export function startOf({ pod }: PodInfo): number {
  const { startTime } = pod.status;
  return startTime === undefined ? Infinity : Date.parse(startTime);
}
