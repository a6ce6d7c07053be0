import { type JobConditionType, jobCondition } from "#api/batch/conditions.ts";
import type { JobStatus } from "#api/generated/batch-v1.ts";
import { formatTime } from "#machinery/time.ts";

interface ConditionWish {
  readonly type: JobConditionType;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** The status with a condition; the very same where nothing changes. One that does not hold is told only where it did before. */
export function withCondition(status: JobStatus, wish: ConditionWish, now: number): JobStatus {
  const old = jobCondition({ status }, wish.type);
  if (old === undefined && wish.status === "False") return status;
  if (old?.status === wish.status && old.reason === wish.reason && old.message === wish.message) return status;
  const time = formatTime(now);
  const condition = { ...wish, lastProbeTime: time, lastTransitionTime: old?.status === wish.status ? (old.lastTransitionTime ?? time) : time };
  const { conditions = [] } = status;
  return { ...status, conditions: old === undefined ? [...conditions, condition] : conditions.map((one) => (one === old ? condition : one)) };
}
