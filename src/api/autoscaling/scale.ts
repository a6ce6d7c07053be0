import type { Scale as ScaleObject } from "../generated/autoscaling-v1.ts";
import { defineKind } from "../define-kind.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { checkNonNegative } from "../field-checks.ts";

export type Scale = ScaleObject;

export const Scale = defineKind<Scale>({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  scope: "Namespaced",
  message: "autoscaling/v1.Scale",
  verbs: [],
  validate: ({ spec }) => checkNonNegative(spec.replicas, fieldPath("spec", "replicas")),
});
