import type { StatefulSet } from "#api/apps/stateful-set.ts";
import type { Pod } from "#api/core/pod.ts";
import type { StatefulSetStatus } from "#api/generated/apps-v1.ts";
import { availableIn, isReady } from "../../pods.ts";
import { revisionOf } from "./identity.ts";

/** @param current the revision that pods had before the update @param updated the revision that they get */
export function statusOf(set: StatefulSet, pods: readonly Pod[], current: string, updated: string, now: number): StatefulSetStatus {
  const ready = pods.filter((pod) => pod.status.phase === "Running" && isReady(pod));
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const ofRevision = (revision: string): number => staying.filter((pod) => revisionOf(pod) === revision).length;
  return completed(set, {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now) === 0).length,
    currentReplicas: ofRevision(current),
    updatedReplicas: ofRevision(updated),
    currentRevision: current,
    updateRevision: updated,
    collisionCount: set.status.collisionCount ?? 0,
    ...(set.status.conditions === undefined ? {} : { conditions: set.status.conditions }),
  });
}

/** When all pods have the updated revision and are ready, it is the current one. */
function completed({ spec }: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const { replicas, readyReplicas, updatedReplicas, updateRevision } = status;
  const isComplete = [replicas, readyReplicas, updatedReplicas].every((count) => count === spec.replicas);
  if (spec.updateStrategy.type === "OnDelete" || !isComplete) return status;
  return { ...status, currentReplicas: updatedReplicas, currentRevision: updateRevision };
}
