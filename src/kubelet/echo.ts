import type { Pod, PodStatus } from "#api/generated/core-v1.ts";
import { equal } from "#machinery/equality.ts";
import { kubeletConditionTypes } from "./pod-conditions.ts";
import { statusPatch } from "./status-patch.ts";

/** Whether a new version of a pod differs from the one before in nothing but the status that the kubelet told. Pure. */
export function isEcho(pod: Pod, before: Pod, told: PodStatus): boolean {
  const { metadata, spec, status } = pod;
  return metadata.generation === before.metadata.generation
    && metadata.deletionTimestamp === before.metadata.deletionTimestamp
    && metadata.deletionGracePeriodSeconds === before.metadata.deletionGracePeriodSeconds
    && equal(metadata.labels, before.metadata.labels)
    && equal(metadata.annotations, before.metadata.annotations)
    && equal(spec, before.spec)
    && equal(othersConditions(status), othersConditions(before.status))
    && statusPatch(status, told) === undefined;
}

function othersConditions({ conditions = [] }: PodStatus): unknown {
  return conditions.filter(({ type }) => !kubeletConditionTypes.includes(type));
}
