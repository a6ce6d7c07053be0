import type { JobSpec } from "../generated/batch-v1.ts";

type Defaulted = "parallelism" | "backoffLimit" | "completionMode" | "suspend" | "podReplacementPolicy";

/** A job's spec as it was written, which is how the template of a cron job stays: the defaults are those of jobs. */
export type WrittenJobSpec = Omit<JobSpec, Defaulted> & Partial<Pick<JobSpec, Defaulted>>;
