import type { CSINode as CSINodeObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateCsiNode, validateCsiNodeUpdate } from "./validation/csi-node.ts";

export type CSINode = CSINodeObject;

export const CSINode = defineKind<CSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  message: "storage/v1.CSINode",
  columns: [{ name: "Drivers", type: "integer", description: "How many drivers the node has.", value: ({ spec }) => spec.drivers.length }],
  validate: validateCsiNode,
  validateUpdate: validateCsiNodeUpdate,
});
