import type { VolumeAttachment as VolumeAttachmentObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateVolumeAttachment, validateVolumeAttachmentStatus, validateVolumeAttachmentUpdate } from "./validation/volume-attachment.ts";

export type VolumeAttachment = VolumeAttachmentObject;

export const VolumeAttachment = defineKind<VolumeAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  message: "storage/v1.VolumeAttachment",
  subresources: { status: true },
  columns: [
    { name: "Attacher", type: "string", description: "Driver that attaches it.", value: ({ spec }) => spec.attacher },
    { name: "PV", type: "string", description: "The volume.", value: ({ spec }) => spec.source.persistentVolumeName ?? "" },
    { name: "Node", type: "string", description: "The node.", value: ({ spec }) => spec.nodeName },
    { name: "Attached", type: "boolean", description: "Whether it is attached.", value: ({ status }) => status.attached },
  ],
  validate: validateVolumeAttachment,
  validateUpdate: validateVolumeAttachmentUpdate,
  validateStatusUpdate: validateVolumeAttachmentStatus,
});
