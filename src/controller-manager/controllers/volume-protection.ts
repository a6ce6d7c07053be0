import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { Controller, Outcome } from "../controller.ts";
import { claimsOf } from "../pod-claims.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update } from "../writes.ts";

const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/**
 * A claim that is being deleted stays until no pod that has a node uses it (Kubernetes "Storage Object in Use Protection"). Pods
 * without a node do not count: their kubelet would refuse to start them with such a claim.
 */
export const claimProtectionController: Controller<PersistentVolumeClaim, { readonly isUsed: boolean }> = {
  name: "pvc-protection-controller",
  permissions: [allow("get list watch update", "", "persistentvolumeclaims"), allow("get list watch", "", "pods")],
  kind: PersistentVolumeClaim,
  watches: [{ kind: Pod, keys: (pod) => claimsOf(pod as Pod).map((name) => keyOf(pod.metadata.namespace, name)) }],
  observe: ({ metadata }, caches) => ({
    // Only a deletion is worth looking through the namespace's pods for.
    isUsed: metadata.deletionTimestamp !== undefined && caches.of(Pod).inNamespace(metadata.namespace).some((pod) => uses(pod, metadata.name)),
  }),
  reconcile: (claim, { isUsed }) => protect(PersistentVolumeClaim, claim, claimFinalizer, isUsed),
};

/** A volume that is being deleted stays as long as it is bound to a claim. */
export const volumeProtectionController: Controller<PersistentVolume, object> = {
  name: "pv-protection-controller",
  permissions: [allow("get list watch update", "", "persistentvolumes")],
  kind: PersistentVolume,
  observe: () => ({}),
  reconcile: (volume) => protect(PersistentVolume, volume, volumeFinalizer, volume.status.phase === "Bound"),
};

export const claimProtection = defineController(claimProtectionController);
export const volumeProtection = defineController(volumeProtectionController);

function protect<T extends KubeObject>(kind: KindReference<T>, object: T, finalizer: string, isUsed: boolean): Outcome {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const isProtected = finalizers.includes(finalizer);
  const isDeleted = deletionTimestamp !== undefined;
  if (isDeleted ? !isProtected || isUsed : isProtected) return {};
  const next = isDeleted ? finalizers.filter((each) => each !== finalizer) : [...finalizers, finalizer];
  return { writes: [update(kind, { ...object, metadata: { ...object.metadata, finalizers: next } })] };
}

function uses(pod: Pod, claim: string): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== "" && claimsOf(pod).includes(claim);
}
