import { podSpecWarnings } from "../core/pod-warnings.ts";
import type { WrittenJobSpec } from "./written-job-spec.ts";

const advisedCompletions = 100_000;
const advisedParallelism = 10_000;

/** @param path of the spec */
export function jobWarnings(spec: WrittenJobSpec, isNew: boolean, path: string): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isHuge = completionMode === "Indexed" && completions > advisedCompletions && parallelism > advisedParallelism;
  const untracked = "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
    + "Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
  return [...(isHuge ? [`${path}: ${untracked}`] : []), ...(isNew ? podSpecWarnings(template.spec, `${path}.template.spec`) : [])];
}
