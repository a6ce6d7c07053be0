import { forbiddenValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { VolumeAttributesClass as VolumeAttributesClassObject } from "../generated/storage-v1.ts";
import { defineKind } from "../define-kind.ts";
import { utf8Bytes } from "../object-meta.ts";
import { validateDriverName } from "./validation/csi-driver.ts";

export type VolumeAttributesClass = VolumeAttributesClassObject;

const defaultAnnotation = "volumeattributesclass.kubernetes.io/is-default-class";
const parametersPath = fieldPath("parameters");
const mostParameters = 512;
/** All keys and values together. */
const maximumParameterBytes = 256 * 1024;

export const VolumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  scope: "Cluster",
  message: "storage/v1.VolumeAttributesClass",
  shortNames: ["vac"],
  columns: [
    {
      name: "Name", type: "string", format: "name", description: "What it is called, and whether it is the default.",
      value: ({ metadata: { name, annotations } }) => `${name}${annotations?.[defaultAnnotation] === "true" ? " (default)" : ""}`,
    },
    { name: "DriverName", type: "string", description: "Driver that it is for.", value: ({ driverName }) => driverName },
  ],
  validate({ driverName, parameters = {} }) {
    const entries = Object.entries(parameters);
    const bytes = entries.reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0);
    return [
      ...validateDriverName(driverName, fieldPath("driverName")),
      ...(entries.length === 0 ? [requiredValue(parametersPath, "must contain at least one key/value pair")] : []),
      ...(entries.length > mostParameters ? [tooLong(parametersPath, mostParameters)] : []),
      ...(entries.some(([key]) => key === "") ? [requiredValue(parametersPath, "key may not be empty")] : []),
      ...(bytes > maximumParameterBytes ? [tooLong(parametersPath, maximumParameterBytes)] : []),
    ];
  },
  validateUpdate: (after, before) => (["driverName", "parameters"] as const)
    .filter((field) => !semanticallyEqual(after[field], before[field]))
    .map((field) => forbiddenValue(field, `updates to ${field} are forbidden.`)),
});
