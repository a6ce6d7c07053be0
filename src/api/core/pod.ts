import type { Pod as PodObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Pod = PodObject;

export const Pod = defineKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  message: "core/v1.Pod",
  shortNames: ["po"],
  categories: ["all"],
  subresources: { status: true },
});
