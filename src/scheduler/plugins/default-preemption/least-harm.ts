import { type Candidate, startOf } from "./candidate.ts";

/** Makes every priority positive, so that more victims always weigh more. */
const offset = 2 ** 31;

/** What makes one candidate better than another, in order; the lowest figure is best. */
const harms: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]?.priority ?? 0,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + offset, 0),
  ({ victims }) => victims.length,
  // Of the most important victims, those may leave that came last.
  ({ victims }) => -Math.min(...victims.filter(({ priority }) => priority === victims[0]?.priority).map(startOf)),
];

/** The candidate that does least harm; of equals, the first. */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  let best = candidates;
  for (const harm of harms) {
    if (best.length <= 1) break;
    const figures = best.map(harm);
    const least = figures.reduce((one, other) => Math.min(one, other));
    best = best.filter((_, index) => figures[index] === least);
  }
  return best[0];
}
