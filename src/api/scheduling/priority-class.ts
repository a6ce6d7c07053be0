import type { PriorityClass as PriorityClassObject } from "../generated/scheduling-v1.ts";
import { ageColumn } from "../columns.ts";
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
  columns: [
    { name: "Value", type: "integer", description: "The priority that its pods have.", value: ({ value }) => value },
    {
      name: "Global-Default", type: "boolean", description: "Whether pods have it that name none.",
      value: ({ globalDefault = false }) => globalDefault,
    },
    ageColumn,
    {
      name: "PreemptionPolicy", type: "string", description: "Whether its pods may push others off a node.",
      value: ({ preemptionPolicy = "" }) => preemptionPolicy,
    },
  ],
  defaults(draft) {
    draft.preemptionPolicy ??= "PreemptLowerPriority";
  },
});
