import type { StorageClass as StorageClassObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { forbiddenValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import { checkName } from "../field-checks.ts";

export type StorageClass = StorageClassObject;

const defaultAnnotations = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/** Whether claims that name no class get this one. */
export function isDefaultStorageClass({ metadata: { annotations = {} } }: StorageClass): boolean {
  return defaultAnnotations.some((name) => annotations[name] === "true");
}

export const StorageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  scope: "Cluster",
  message: "storage/v1.StorageClass",
  shortNames: ["sc"],
  columns: [
    {
      name: "Name", type: "string", format: "name", description: "What it is called, and whether it is the default.",
      value: (storageClass) => `${storageClass.metadata.name}${isDefaultStorageClass(storageClass) ? " (default)" : ""}`,
    },
    { name: "Provisioner", type: "string", description: "Who makes its volumes.", value: ({ provisioner }) => provisioner },
    {
      name: "ReclaimPolicy", type: "string", description: "What becomes of a volume when its claim is gone.",
      value: ({ reclaimPolicy }) => reclaimPolicy,
    },
    {
      name: "VolumeBindingMode", type: "string", description: "When a volume is made: at once, or for the first pod.",
      value: ({ volumeBindingMode }) => volumeBindingMode,
    },
    {
      name: "AllowVolumeExpansion", type: "string", description: "Whether its volumes may grow.",
      value: ({ allowVolumeExpansion = false }) => allowVolumeExpansion,
    },
  ],
  validateUpdate: (storageClass, old) => (["parameters", "provisioner", "reclaimPolicy"] as const)
    .filter((field) => !semanticallyEqual(storageClass[field], old[field]))
    .map((field) => forbiddenValue(field, `updates to ${field} are forbidden.`)),
  validate: ({ provisioner }) => checkName(provisioner.toLowerCase(), fieldPath("provisioner"), qualifiedNameProblems),
});
