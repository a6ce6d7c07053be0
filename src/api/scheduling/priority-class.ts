import type { PriorityClass as PriorityClassObject } from "../generated/scheduling-v1.ts";
import { defineKind } from "../define-kind.ts";

export type PriorityClass = PriorityClassObject;

export const PriorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  scope: "Cluster",
  message: "scheduling/v1.PriorityClass",
  shortNames: ["pc"],
});
