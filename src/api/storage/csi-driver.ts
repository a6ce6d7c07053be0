import type { CSIDriver as CSIDriverObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateCsiDriver, validateCsiDriverUpdate } from "./validation/csi-driver.ts";

export type CSIDriver = CSIDriverObject;

const unset = "<unset>";

export const CSIDriver = defineKind<CSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  message: "storage/v1.CSIDriver",
  columns: [
    {
      name: "AttachRequired", type: "boolean", description: "Whether volumes have to be attached first.",
      value: ({ spec }) => spec.attachRequired ?? true,
    },
    { name: "PodInfoOnMount", type: "boolean", description: "Whether it wants to know the pod.", value: ({ spec }) => spec.podInfoOnMount ?? false },
    {
      name: "StorageCapacity", type: "boolean", description: "Whether it tells how much room there is.",
      value: ({ spec }) => spec.storageCapacity ?? false,
    },
    {
      name: "TokenRequests", type: "string", description: "For whom it wants tokens of pods' service accounts.",
      value: ({ spec: { tokenRequests = [] } }) => tokenRequests.map(({ audience }) => audience).join(",") || unset,
    },
    {
      name: "RequiresRepublish", type: "boolean", description: "Whether it is called again and again.",
      value: ({ spec }) => spec.requiresRepublish ?? false,
    },
    {
      name: "Modes", type: "string", description: "What volumes it has.",
      value: ({ spec: { volumeLifecycleModes = [] } }) => volumeLifecycleModes.join(",") || unset,
    },
  ],
  defaults({ spec }) {
    // `spec` is required, and may be missing from what a client sends.
    if ((spec as unknown) === undefined) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ["Persistent"];
  },
  validate: validateCsiDriver,
  validateUpdate: validateCsiDriverUpdate,
});
