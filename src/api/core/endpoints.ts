import type { Endpoints as EndpointsObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Endpoints = EndpointsObject;

export const Endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  scope: "Namespaced",
  message: "core/v1.Endpoints",
  shortNames: ["ep"],
});
