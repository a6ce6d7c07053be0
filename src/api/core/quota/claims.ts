import { maximumResources, type ResourceList } from "#machinery/resource-list.ts";
import type { PersistentVolumeClaim } from "../../generated/core-v1.ts";
import { matchesValue, type QuotaEvaluator } from "./evaluator.ts";

const counted = new Set(["persistentvolumeclaims", "requests.storage", "count/persistentvolumeclaims"]);
const ofClass = /^.+\.storageclass\.storage\.k8s\.io\/(?:requests\.storage|persistentvolumeclaims)$/;
const classAnnotation = "volume.beta.kubernetes.io/storage-class";

/** Claims and the storage that they ask for, in all and by storage class. */
export const claimEvaluator: QuotaEvaluator = {
  changes: true,
  counts: (resource) => counted.has(resource) || ofClass.test(resource),
  usage(object) {
    const { metadata, spec, status } = object as PersistentVolumeClaim;
    const storage = storageOf(spec.resources.requests ?? {}, status.allocatedResources ?? {});
    const storageClass = metadata.annotations?.[classAnnotation] ?? spec.storageClassName;
    const prefix = `${storageClass}.storageclass.storage.k8s.io`;
    return {
      "count/persistentvolumeclaims": "1", persistentvolumeclaims: "1", ...(storage === undefined ? {} : { "requests.storage": storage }),
      ...(storageClass ? { [`${prefix}/persistentvolumeclaims`]: "1" } : {}),
      ...(storageClass && storage !== undefined ? { [`${prefix}/requests.storage`]: storage } : {}),
    };
  },
  isWithin: (object, requirement) => requirement.scopeName === "VolumeAttributesClass"
    && matchesValue((object as PersistentVolumeClaim).spec.volumeAttributesClassName || undefined, requirement),
};

/** A claim that was to grow and was made smaller again may hold more than it asks for (KEP-1790). */
function storageOf(requests: ResourceList, allocated: ResourceList): string | undefined {
  return maximumResources(requests, allocated)["storage"];
}
