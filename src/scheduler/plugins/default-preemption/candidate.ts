import type { NodeInfo } from "../../node-info.ts";
import type { Rescuable } from "../../plugin.ts";
import type { PodInfo } from "../../pod-info.ts";

/** A node where a pod would fit if these pods left, the most important of whom stands first. */
export interface Candidate extends Rescuable {
  /** What makes it worse than others, what counts most first. */
  readonly harm: readonly number[];
}

/** Makes every priority positive, so that more victims always weigh more. */
const offset = 2 ** 31;

export function candidate(node: NodeInfo, victims: readonly PodInfo[], violations: number): Candidate {
  const highest = victims[0]?.priority ?? 0;
  let sum = 0;
  let earliest = Infinity;
  for (const victim of victims) {
    sum += victim.priority + offset;
    if (victim.priority === highest) earliest = Math.min(earliest, startOf(victim));
  }
  // Of the most important victims, those may leave that came last.
  return { node, victims, violations, harm: [violations, highest, sum, victims.length, -earliest] };
}

/** The candidate that does least harm; of equals, the first. */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  let best = candidates[0];
  for (const one of candidates) if (best && isLess(one.harm, best.harm)) best = one;
  return best;
}

/** When it started, in milliseconds; a pod that has not yet, counts as the latest. */
export function startOf({ pod }: PodInfo): number {
  const { startTime } = pod.status;
  return startTime === undefined ? Infinity : Date.parse(startTime);
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < one.length; index++) {
    const [a = 0, b = 0] = [one[index], other[index]];
    if (a !== b) return a < b;
  }
  return false;
}
