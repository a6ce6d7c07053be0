import { type FieldError, invalidValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from "../../generated/storage-v1.ts";
import { checkName, checkUnchanged, isEmpty } from "../../field-checks.ts";
import { utf8Bytes } from "../../object-meta.ts";
import { validateDriverName } from "./csi-driver.ts";

const specPath = fieldPath("spec");
const statusPath = fieldPath("status");
const longestMessage = 1024;
/** All keys and values together. */
const maximumMetadataBytes = 256 * 1024;

export function validateVolumeAttachment({ spec: { attacher, source, nodeName } }: VolumeAttachment): FieldError[] {
  return [
    ...validateDriverName(attacher, specPath.child("attacher")),
    ...validateSource(source, specPath.child("source")),
    ...checkName(nodeName, specPath.child("nodeName"), dns1123SubdomainProblems),
  ];
}

function validateSource({ persistentVolumeName, inlineVolumeSpec }: VolumeAttachmentSource, path: FieldPath): FieldError[] {
  if (persistentVolumeName === undefined && inlineVolumeSpec === undefined) {
    return [requiredValue(path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")];
  }
  if (persistentVolumeName !== undefined && inlineVolumeSpec !== undefined) {
    return [invalidValue(path, { persistentVolumeName, inlineVolumeSpec }, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")];
  }
  return inlineVolumeSpec === undefined && isEmpty(persistentVolumeName)
    ? [requiredValue(path.child("persistentVolumeName"), "must specify non empty persistentVolumeName")] : [];
}

export function validateVolumeAttachmentUpdate({ spec }: VolumeAttachment, { spec: old }: VolumeAttachment): FieldError[] {
  return checkUnchanged(spec, old, specPath);
}

export function validateVolumeAttachmentStatus({ status }: VolumeAttachment): FieldError[] {
  const bytes = Object.entries(status.attachmentMetadata ?? {}).reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0);
  return [
    ...(bytes > maximumMetadataBytes ? [tooLong(statusPath.child("attachmentMetadata"), maximumMetadataBytes)] : []),
    ...validateError(status.attachError, statusPath.child("attachError")),
    ...validateError(status.detachError, statusPath.child("detachError")),
  ];
}

function validateError({ message = "", errorCode }: VolumeError = {}, path: FieldPath): FieldError[] {
  return [
    ...(utf8Bytes(message) > longestMessage ? [tooLong(path.child("message"), longestMessage)] : []),
    ...(errorCode !== undefined && errorCode < 0 ? [invalidValue(path.child("errorCode"), errorCode, "must be greater than or equal to 0")] : []),
  ];
}
