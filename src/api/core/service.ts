import type { Service as ServiceObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Service = ServiceObject;

export const Service = defineKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  scope: "Namespaced",
  message: "core/v1.Service",
  shortNames: ["svc"],
  categories: ["all"],
  subresources: { status: true },
});
