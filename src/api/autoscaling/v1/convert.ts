import type { HorizontalPodAutoscaler as Old, MetricSpec as OldMetric, MetricStatus as OldStatus } from "../../generated/autoscaling-v1.ts";
import type {
  HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerCondition, MetricSpec, MetricStatus,
} from "../../generated/autoscaling-v2.ts";
import { defaultUtilization } from "../horizontal-pod-autoscaler.ts";
import { readMessage, readMessages, renameKeys } from "./annotations.ts";
import { fromOldMetric, fromOldStatus, toOldMetric, toOldStatus } from "./metrics.ts";

const v2 = "autoscaling/v2";
const prefix = "autoscaling.alpha.kubernetes.io/";
const carriers = {
  metrics: `${prefix}metrics`, currentMetrics: `${prefix}current-metrics`, conditions: `${prefix}conditions`, behavior: `${prefix}behavior`,
} as const;

/** v1 → v2. An annotation that cannot be read counts for nothing. */
export function toCurrent({ metadata, spec, status, ...object }: Old): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage, ...sameSpec } = spec;
  const { currentCPUUtilizationPercentage, ...sameStatus } = status;
  const { annotations = {} } = metadata;
  const processor: readonly MetricSpec[] = targetCPUUtilizationPercentage === undefined ? [] : [processorGoal(targetCPUUtilizationPercentage)];
  const others = readMessages<OldMetric>(annotations[carriers.metrics], "autoscaling/v1.MetricSpec") ?? [];
  const metrics = [...processor, ...others.map(fromOldMetric)];
  const current = readMessages<OldStatus>(annotations[carriers.currentMetrics], "autoscaling/v1.MetricStatus")?.map(fromOldStatus)
    ?? (currentCPUUtilizationPercentage === undefined ? [] : [processorUse(currentCPUUtilizationPercentage)]);
  const conditions = readMessages<HorizontalPodAutoscalerCondition>(annotations[carriers.conditions], `${v2}.HorizontalPodAutoscalerCondition`);
  const behavior = readMessage<HorizontalPodAutoscalerBehavior>(
    annotations[carriers.behavior], `${v2}.HorizontalPodAutoscalerBehavior`, (value) => renameKeys(value, lowerFirst),
  );
  return {
    ...object, apiVersion: "autoscaling/v2", metadata: withAnnotations(metadata, withoutCarriers(annotations)),
    spec: {
      ...sameSpec, metrics: metrics.length === 0 ? [processorGoal(defaultUtilization)] : metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
    status: {
      ...sameStatus, ...(current.length === 0 ? {} : { currentMetrics: current }), ...(conditions === undefined ? {} : { conditions }),
    },
  };
}

/** v2 → v1. */
export function fromCurrent({ metadata, spec, status, ...object }: HorizontalPodAutoscaler): Old {
  const { metrics = [], behavior, ...sameSpec } = spec;
  const { currentMetrics = [], conditions = [], ...sameStatus } = status;
  const isProcessor = ({ type, resource }: MetricSpec): boolean =>
    type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
  const target = metrics.find(isProcessor)?.resource?.target.averageUtilization;
  const use = currentMetrics.findLast(({ resource }) => resource?.name === "cpu")?.resource?.current.averageUtilization;
  const others = metrics.filter((metric) => !isProcessor(metric));
  const annotations = {
    ...withoutCarriers(metadata.annotations ?? {}),
    ...(others.length === 0 ? {} : { [carriers.metrics]: JSON.stringify(others.map(toOldMetric)) }),
    ...(currentMetrics.length === 0 ? {} : { [carriers.currentMetrics]: JSON.stringify(currentMetrics.map(toOldStatus)) }),
    ...(conditions.length === 0 ? {} : { [carriers.conditions]: JSON.stringify(conditions) }),
    ...(behavior === undefined ? {} : { [carriers.behavior]: JSON.stringify(renameKeys(behavior, upperFirst)) }),
  };
  return {
    ...object, apiVersion: "autoscaling/v1", metadata: withAnnotations(metadata, annotations),
    spec: { ...sameSpec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { ...sameStatus, ...(use === undefined ? {} : { currentCPUUtilizationPercentage: use }) },
  };
}

function processorGoal(averageUtilization: number): MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function processorUse(averageUtilization: number): MetricStatus {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

function withAnnotations(metadata: Old["metadata"], annotations: { readonly [key: string]: string }): Old["metadata"] {
  const next = { ...metadata, annotations };
  if (Object.keys(annotations).length === 0) delete (next as Partial<typeof next>).annotations;
  return next;
}

function withoutCarriers(annotations: { readonly [key: string]: string }): { readonly [key: string]: string } {
  const keys: readonly string[] = Object.values(carriers);
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !keys.includes(key)));
}

/** The annotation of the behaviour has Go's own names of fields. */
function upperFirst(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function lowerFirst(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1);
}
