import type { Draft } from "#machinery/kind.ts";
import type { LimitRange as LimitRangeObject, LimitRangeItem } from "../generated/core-v1.ts";
import { createdAtColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateLimitRange } from "./validation/limit-range.ts";

export type LimitRange = LimitRangeObject;

export const LimitRange = defineKind<LimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  scope: "Namespaced",
  message: "core/v1.LimitRange",
  shortNames: ["limits"],
  createOnUpdate: true,
  columns: [createdAtColumn],
  defaults({ spec }) {
    for (const item of spec.limits) if (item.type === "Container") fillContainerDefaults(item);
  },
  validate: validateLimitRange,
});

/** What is not said of containers follows from what is: limits from the maximum, requests from the limits, or else from the minimum. */
function fillContainerDefaults(item: Draft<LimitRangeItem>): void {
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}
