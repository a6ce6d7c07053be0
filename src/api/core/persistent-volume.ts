import type { Column } from "#machinery/kind.ts";
import type { PersistentVolume as PersistentVolumeObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { accessModesText, unset } from "./volume-columns.ts";
import { validatePersistentVolume, validatePersistentVolumeUpdate } from "./validation/storage.ts";

export type PersistentVolume = PersistentVolumeObject;

const columns: readonly Column<PersistentVolume>[] = [
  { name: "Capacity", type: "string", description: "How much it holds.", value: ({ spec }) => spec.capacity?.["storage"] ?? "" },
  { name: "Access Modes", type: "string", description: "How it may be mounted.", value: ({ spec }) => accessModesText(spec.accessModes) },
  {
    name: "Reclaim Policy", type: "string", description: "What becomes of it when its claim is gone.",
    value: ({ spec }) => spec.persistentVolumeReclaimPolicy,
  },
  {
    name: "Status", type: "string", description: "Whether it is bound.",
    value: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating"),
  },
  {
    name: "Claim", type: "string", description: "Whose it is.",
    value: ({ spec: { claimRef } }) => (claimRef === undefined ? "" : `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`),
  },
  { name: "StorageClass", type: "string", description: "The storage class that it belongs to.", value: ({ spec }) => spec.storageClassName ?? "" },
  {
    name: "VolumeAttributesClass", type: "string", description: "The class of its attributes.",
    value: ({ spec }) => spec.volumeAttributesClassName ?? unset,
  },
  { name: "Reason", type: "string", description: "Why it is in this state.", value: ({ status }) => status.reason ?? "" },
  {
    name: "VolumeMode", type: "string", priority: 1, description: "File system, or raw block device.",
    value: ({ spec }) => spec.volumeMode ?? unset,
  },
];

export const PersistentVolume = defineKind<PersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  scope: "Cluster",
  message: "core/v1.PersistentVolume",
  shortNames: ["pv"],
  subresources: { status: true },
  columns,
  prepareForCreate(draft) {
    draft.status = { phase: "Pending" };
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
});
