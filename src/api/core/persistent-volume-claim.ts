import type { Column, Draft } from "#machinery/kind.ts";
import type { PersistentVolumeClaim as PersistentVolumeClaimObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { accessModesText, unset } from "./volume-columns.ts";
import { validatePersistentVolumeClaim, validatePersistentVolumeClaimUpdate } from "./validation/storage.ts";

export type PersistentVolumeClaim = PersistentVolumeClaimObject;

const columns: readonly Column<PersistentVolumeClaim>[] = [
  {
    name: "Status", type: "string", description: "Whether it has a volume.",
    value: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating"),
  },
  { name: "Volume", type: "string", description: "The volume that it has.", value: ({ spec }) => spec.volumeName ?? "" },
  {
    name: "Capacity", type: "string", description: "How much the volume holds.",
    value: ({ spec, status }) => (spec.volumeName === undefined ? "" : (status.capacity?.["storage"] ?? "0")),
  },
  {
    name: "Access Modes", type: "string", description: "How the volume may be mounted.",
    value: ({ spec, status }) => (spec.volumeName === undefined ? "" : accessModesText(status.accessModes)),
  },
  { name: "StorageClass", type: "string", description: "The storage class that it asks for.", value: ({ spec }) => spec.storageClassName ?? "" },
  {
    name: "VolumeAttributesClass", type: "string", description: "The class of attributes that it asks for.",
    value: ({ spec }) => spec.volumeAttributesClassName ?? unset,
  },
  {
    name: "VolumeMode", type: "string", priority: 1, description: "File system, or raw block device.",
    value: ({ spec }) => spec.volumeMode ?? unset,
  },
];

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  scope: "Namespaced",
  message: "core/v1.PersistentVolumeClaim",
  shortNames: ["pvc"],
  subresources: { status: true },
  columns,
  prepareForCreate(draft) {
    draft.status = { phase: "Pending" };
    alignDataSources(draft);
  },
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
});

/** A source of data in the older field counts in the newer one too, and the other way round where the older can say it. */
function alignDataSources({ spec }: Draft<PersistentVolumeClaim>): void {
  if (spec.dataSource !== undefined && spec.dataSourceRef === undefined) {
    spec.dataSourceRef = { ...spec.dataSource };
  } else if (spec.dataSourceRef !== undefined && spec.dataSource === undefined && (spec.dataSourceRef.namespace ?? "") === "") {
    const { apiGroup, kind, name } = spec.dataSourceRef;
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
  }
}
