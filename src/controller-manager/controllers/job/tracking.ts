import { completionIndexKey } from "#api/batch/pod-labels.ts";
import type { Job } from "#api/batch/job.ts";
import { Pod } from "#api/core/pod.ts";
import type { Write } from "../../controller.ts";

/** A pod keeps this until its job has counted it, so that none is lost that is deleted early (KEP-2307). */
export const trackingFinalizer = "batch.kubernetes.io/job-tracking";

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) === true;
}

/** Lets pods go that have been counted, or that nobody will count. Names the uid, so that no namesake is patched. */
export function releases(pods: readonly Pod[]): readonly Write[] {
  return pods.filter(isTracked).map(({ metadata: { namespace, name, uid } }) => ({
    do: "patch", kind: Pod, namespace, name, type: "application/strategic-merge-patch+json",
    patch: { metadata: { uid, "$deleteFromPrimitiveList/finalizers": [trackingFinalizer] } },
  }));
}

/** The pod's index; `undefined` where it has none, or one beyond those of the job. */
export function indexOf({ metadata }: Pod, { spec: { completions = 0 } }: Job): number | undefined {
  const text = metadata.annotations?.[completionIndexKey] ?? "";
  const index = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return index >= 0 && index < completions ? index : undefined;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

/** Whether failures are counted for each index by itself (KEP-3850). */
export function countsByIndex({ spec }: Job): boolean {
  return spec.backoffLimitPerIndex !== undefined;
}

/** Whether pods are replaced only when they have failed for good, and not while they are on their way out (KEP-3939). */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}
