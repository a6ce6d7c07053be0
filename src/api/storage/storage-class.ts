import type { StorageClass as StorageClassObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";

export type StorageClass = StorageClassObject;

export const StorageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  scope: "Cluster",
  message: "storage/v1.StorageClass",
  shortNames: ["sc"],
});
