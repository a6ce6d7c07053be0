import type { ConfigMap as ConfigMapObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateConfigMap, validateConfigMapUpdate } from "./validation/data.ts";

export type ConfigMap = ConfigMapObject;

export const ConfigMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  scope: "Namespaced",
  message: "core/v1.ConfigMap",
  shortNames: ["cm"],
  columns: [
    {
      name: "Data", type: "string", description: "How many keys it holds.",
      value: ({ data = {}, binaryData = {} }) => String(Object.keys(data).length + Object.keys(binaryData).length),
    },
  ],
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
});
