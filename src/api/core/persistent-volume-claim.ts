import type { PersistentVolumeClaim as PersistentVolumeClaimObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type PersistentVolumeClaim = PersistentVolumeClaimObject;

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  scope: "Namespaced",
  message: "core/v1.PersistentVolumeClaim",
  shortNames: ["pvc"],
  subresources: { status: true },
});
