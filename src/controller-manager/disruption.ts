import type { PodCondition } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";

/** Says of a pod, before it is deleted, that it does not end by its own or its owner's will (KEP-3329). */
export function disruptionCondition(reason: string, message: string, now: number): PodCondition {
  return { type: "DisruptionTarget", status: "True", reason, message, lastTransitionTime: formatTime(now) };
}
