import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerObject } from "../../generated/autoscaling-v1.ts";
import { defineKind } from "../../define-kind.ts";
import { HorizontalPodAutoscaler as Current } from "../horizontal-pod-autoscaler.ts";
import { fromCurrent, toCurrent } from "./convert.ts";

export type HorizontalPodAutoscaler = HorizontalPodAutoscalerObject;

/** The first version, which knows of processor time only. What it has no fields for, annotations carry. */
export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  scope: "Namespaced",
  message: "autoscaling/v1.HorizontalPodAutoscaler",
  shortNames: ["hpa"],
  categories: ["all"],
  storedAs: { kind: Current, toStored: toCurrent, fromStored: fromCurrent },
  subresources: { status: true },
  columns: (Current.columns ?? []).map((column) => ({ ...column, value: (object, now) => column.value(toCurrent(object), now) })),
  validate: (object) => Current.validate?.(toCurrent(object)) ?? [],
  validateCreate: (object) => Current.validateCreate?.(toCurrent(object)) ?? [],
  validateUpdate: (object, old) => Current.validateUpdate?.(toCurrent(object), toCurrent(old)) ?? [],
  validateStatusUpdate: (object, old) => Current.validateStatusUpdate?.(toCurrent(object), toCurrent(old)) ?? [],
});
