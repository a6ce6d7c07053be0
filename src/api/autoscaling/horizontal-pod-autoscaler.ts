import type { Column, Draft } from "#machinery/kind.ts";
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerObject, HPAScalingRules } from "../generated/autoscaling-v2.ts";
import { defineKind } from "../define-kind.ts";
import { targetsText } from "./targets-text.ts";
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate, validateNewAutoscaler } from "./validation/autoscaler.ts";

export type HorizontalPodAutoscaler = HorizontalPodAutoscalerObject;

const columns: readonly Column<HorizontalPodAutoscaler>[] = [
  {
    name: "Reference", type: "string", description: "What it scales.",
    value: ({ spec: { scaleTargetRef: { kind, name } } }) => `${kind}/${name}`,
  },
  {
    name: "Targets", type: "string", description: "Each metric as it is and as it should be.",
    value: ({ spec, status }) => targetsText(spec.metrics, status.currentMetrics),
  },
  { name: "MinPods", type: "string", description: "Never fewer pods.", value: ({ spec }) => String(spec.minReplicas) },
  { name: "MaxPods", type: "string", description: "Never more pods.", value: ({ spec }) => spec.maxReplicas },
  { name: "Replicas", type: "string", description: "How many pods there are.", value: ({ status }) => status.currentReplicas },
];

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  scope: "Namespaced",
  message: "autoscaling/v2.HorizontalPodAutoscaler",
  shortNames: ["hpa"],
  categories: ["all"],
  subresources: { status: true },
  columns,
  defaults,
  validate: validateAutoscaler,
  validateCreate: validateNewAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatus,
});

/** The goal of an autoscaler that has none: percent of the processor time that pods request. */
export const defaultUtilization = 80;

const defaultScaleUp: HPAScalingRules = {
  stabilizationWindowSeconds: 0, selectPolicy: "Max",
  policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }],
};

/** How long recommendations count on the way down is the controller's to say. */
const defaultScaleDown: HPAScalingRules = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };

function defaults({ spec }: Draft<HorizontalPodAutoscaler>): void {
  if (spec === undefined) return;
  if ((spec.metrics ?? []).length === 0) {
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: defaultUtilization } } }];
  }
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = { ...structuredClone(defaultScaleUp), ...spec.behavior.scaleUp } as Draft<HPAScalingRules>;
  spec.behavior.scaleDown = { ...structuredClone(defaultScaleDown), ...spec.behavior.scaleDown } as Draft<HPAScalingRules>;
}
