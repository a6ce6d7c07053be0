import { fieldPath } from "#machinery/field-path.ts";
import type { DeviceClass as DeviceClassObject } from "../generated/resource-v1.ts";
import { defineKind } from "../define-kind.ts";
import { checkList } from "./validation/lists.ts";
import { validateOpaque, validateSelectors } from "./validation/devices.ts";
import { checkOptionalName } from "../field-checks.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";

export type DeviceClass = DeviceClassObject;

const specPath = fieldPath("spec");
const mostConfigurations = 32;

export const DeviceClass = defineKind<DeviceClass>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  message: "resource/v1.DeviceClass",
  validate: ({ spec: { selectors = [], config = [], extendedResourceName } }) => [
    ...validateSelectors(selectors, specPath.child("selectors")),
    ...checkList(config, mostConfigurations, specPath.child("config"), ({ opaque }, path) => validateOpaque(opaque, path)),
    ...checkOptionalName(extendedResourceName, specPath.child("extendedResourceName"), qualifiedNameProblems),
  ],
});
