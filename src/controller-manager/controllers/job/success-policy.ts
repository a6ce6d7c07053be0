import { commonIndexes, countIndexes, type IndexIntervals, readIndexIntervals } from "#api/batch/index-intervals.ts";
import type { SuccessPolicy, SuccessPolicyRule } from "#api/generated/batch-v1.ts";

/** The first rule by which the job has succeeded, by its place in the list (KEP-3998). */
export function metRule({ rules }: SuccessPolicy, completions: number, succeeded: IndexIntervals): number | undefined {
  if (succeeded.length === 0) return undefined;
  const index = rules.findIndex((rule) => isMet(rule, completions, succeeded));
  return index === -1 ? undefined : index;
}

function isMet({ succeededIndexes, succeededCount }: SuccessPolicyRule, completions: number, succeeded: IndexIntervals): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
  const required = readIndexIntervals(succeededIndexes, completions);
  const enough = Math.min(countIndexes(required), succeededCount ?? Number.POSITIVE_INFINITY);
  return countIndexes(commonIndexes(required, succeeded)) >= enough;
}
