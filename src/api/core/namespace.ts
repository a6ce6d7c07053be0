import type { Namespace as NamespaceObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Namespace = NamespaceObject;

export const Namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  scope: "Cluster",
  message: "core/v1.Namespace",
  shortNames: ["ns"],
  subresources: { status: true },
});
