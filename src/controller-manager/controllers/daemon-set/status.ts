import type { DaemonSetStatus } from "#api/generated/apps-v1.ts";
import { isReady } from "../../pods.ts";
import { isAvailable, isUpdated, type Situation } from "./changes.ts";

/** Counts nodes, by the oldest of the pods that each has. */
export function statusOf(situation: Situation): DaemonSetStatus {
  const { set, places, hash } = situation;
  const wanted = places.filter(({ placement }) => placement === "runs");
  const oldest = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const numberAvailable = oldest.filter((pod) => isReady(pod) && isAvailable(situation, pod)).length;
  const { collisionCount, conditions } = set.status;
  return {
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: oldest.length,
    numberMisscheduled: places.filter(({ placement, pods }) => placement !== "runs" && pods.length > 0).length,
    numberReady: oldest.filter(isReady).length,
    updatedNumberScheduled: oldest.filter((pod) => isUpdated(pod, hash)).length,
    numberAvailable,
    numberUnavailable: wanted.length - numberAvailable,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
