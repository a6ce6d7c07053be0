import { fieldPath } from "#machinery/field-path.ts";
import { invalidValue } from "#machinery/field-errors.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import { quantitySign } from "#machinery/quantity.ts";
import type { CSIStorageCapacity as CSIStorageCapacityObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { checkLabelSelector, checkName, checkUnchanged, nonNegativeDetail } from "../field-checks.ts";

export type CSIStorageCapacity = CSIStorageCapacityObject;

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  message: "storage/v1.CSIStorageCapacity",
  columns: [
    { name: "StorageClassName", type: "string", description: "Storage class that it belongs to.", value: ({ storageClassName }) => storageClassName },
    { name: "Capacity", type: "string", description: "How much room there is.", value: ({ capacity = "" }) => capacity },
  ],
  validate: ({ nodeTopology, storageClassName, capacity, maximumVolumeSize }) => [
    ...checkLabelSelector(nodeTopology, fieldPath("nodeTopology")),
    ...checkName(storageClassName, fieldPath("storageClassName"), dns1123SubdomainProblems),
    ...(Object.entries({ capacity, maximumVolumeSize }).flatMap(([field, amount]) =>
      (amount !== undefined && quantitySign(amount) < 0 ? [invalidValue(field, amount, nonNegativeDetail)] : []))),
  ],
  validateUpdate: (after, before) => (["nodeTopology", "storageClassName"] as const)
    .flatMap((field) => checkUnchanged(after[field], before[field], fieldPath(field))),
});
