import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { isOfKind, objectOf, writes } from "../of-kind.ts";

/**
 * Claims and volumes stay until nobody uses them any more. The finalizers are taken away by the claim and volume protection
 * controllers: without those, nothing would ever be deleted.
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  handles: (request) => writes(request, PersistentVolumeClaim, "CREATE") || writes(request, PersistentVolume, "CREATE"),
  mutate(request) {
    return isOfKind(request, PersistentVolume)
      ? withFinalizer(objectOf(request, PersistentVolume), "kubernetes.io/pv-protection")
      : withFinalizer(objectOf(request, PersistentVolumeClaim), "kubernetes.io/pvc-protection");
  },
};

function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
