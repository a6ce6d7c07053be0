import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

const isDefaultAnnotations = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const classAnnotation = "volume.beta.kubernetes.io/storage-class";

/** A claim that names no class gets the default one; one that names "" wants none. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = "DefaultStorageClass";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, PersistentVolumeClaim, "CREATE");
  }

  mutate(request: AdmissionRequest): PersistentVolumeClaim {
    const claim = objectOf(request, PersistentVolumeClaim);
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[classAnnotation] !== undefined) return claim;
    const [first] = this.#objects.list(StorageClass, "").filter(isDefault).toSorted(newestFirst);
    return first ? { ...claim, spec: { ...claim.spec, storageClassName: first.metadata.name } } : claim;
  }
}

function isDefault({ metadata }: StorageClass): boolean {
  return isDefaultAnnotations.some((annotation) => metadata.annotations?.[annotation] === "true");
}

function newestFirst({ metadata: one }: StorageClass, { metadata: other }: StorageClass): number {
  const difference = Date.parse(other.creationTimestamp) - Date.parse(one.creationTimestamp);
  return difference !== 0 ? difference : one.name < other.name ? -1 : 1;
}
