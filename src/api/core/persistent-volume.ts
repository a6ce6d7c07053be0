import type { PersistentVolume as PersistentVolumeObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type PersistentVolume = PersistentVolumeObject;

export const PersistentVolume = defineKind<PersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  scope: "Cluster",
  message: "core/v1.PersistentVolume",
  shortNames: ["pv"],
  subresources: { status: true },
});
