import type { ResourceSlice as ResourceSliceObject } from "../generated/resource-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateResourceSlice, validateResourceSliceUpdate } from "./validation/resource-slice.ts";

export type ResourceSlice = ResourceSliceObject;

export const ResourceSlice = defineKind<ResourceSlice>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  message: "resource/v1.ResourceSlice",
  selectableFields: ["spec.driver", "spec.nodeName"],
  columns: [
    { name: "Node", type: "string", description: "Node that can use the devices.", value: ({ spec }) => spec.nodeName ?? "" },
    { name: "Driver", type: "string", description: "Driver of the devices.", value: ({ spec }) => spec.driver },
    { name: "Pool", type: "string", description: "Pool of the devices.", value: ({ spec }) => spec.pool.name },
  ],
  validate: validateResourceSlice,
  validateUpdate: validateResourceSliceUpdate,
});
