/** What an autoscaler has to remember from one look to the next; each look makes a new one. Times in milliseconds since 1970. */
export interface Memory {
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly Change[];
  readonly downs: readonly Change[];
}

export interface Recommendation {
  readonly replicas: number;
  readonly at: number;
}

/** By how many pods the target was made larger or smaller. */
export interface Change {
  readonly by: number;
  readonly at: number;
}

/** The longest window and the longest period that a spec may have. */
const longestMilliseconds = 3600_000;

export const nothingRemembered: Memory = { recommendations: [], ups: [], downs: [] };

export function withRecommendation(memory: Memory, replicas: number, now: number): Memory {
  return { ...memory, recommendations: [...recent(memory.recommendations, now), { replicas, at: now }] };
}

export function withChange(memory: Memory, from: number, to: number, now: number): Memory {
  if (to > from) return { ...memory, ups: [...recent(memory.ups, now), { by: to - from, at: now }] };
  return { ...memory, downs: [...recent(memory.downs, now), { by: from - to, at: now }] };
}

function recent<T extends { readonly at: number }>(all: readonly T[], now: number): readonly T[] {
  return all.filter(({ at }) => at > now - longestMilliseconds);
}
