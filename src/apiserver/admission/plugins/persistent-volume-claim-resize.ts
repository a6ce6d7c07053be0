import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import { compareQuantities } from "#machinery/quantity.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, oldObjectOf, refuse, writes } from "../of-kind.ts";

const classAnnotation = "volume.beta.kubernetes.io/storage-class";

/** A claim grows only while it is bound, and where its storage class lets it. */
export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = "PersistentVolumeClaimResize";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, PersistentVolumeClaim, "UPDATE");
  }

  validate(request: AdmissionRequest): void {
    const [claim, old] = [objectOf(request, PersistentVolumeClaim), oldObjectOf(request, PersistentVolumeClaim)];
    if (!old || compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
    if (old.status.phase !== "Bound") throw refuse(request, "Only bound persistent volume claims can be expanded");
    if (this.#mayGrow(claim, old)) return;
    throw refuse(request, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
  }

  #mayGrow(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
    const name = classOf(claim);
    return name !== "" && name === classOf(old) && this.#objects.get(StorageClass, "", name)?.allowVolumeExpansion === true;
  }
}

function sizeOf({ spec }: PersistentVolumeClaim): string {
  return String(spec.resources?.requests?.["storage"] ?? "0");
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? "";
}
