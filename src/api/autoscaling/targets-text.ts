import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../generated/autoscaling-v2.ts";
import { none } from "../columns.ts";

const unknown = "<unknown>";
const shown = 2;

/** Each metric as `current/target`, such as `cpu: 10%/80%`: the first two, and how many there are beyond. */
export function targetsText(metrics: readonly MetricSpec[] = [], statuses: readonly MetricStatus[] = []): string {
  if (metrics.length === 0) return none;
  const texts = metrics.slice(0, shown).map((metric, index) => metricText(metric, statuses[index])).join(", ");
  return metrics.length > shown ? `${texts} + ${metrics.length - shown} more...` : texts;
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case "External":
      return amountText(metric.external?.target, status?.external?.current);
    case "Object":
      return amountText(metric.object?.target, status?.object?.current);
    case "Pods":
      return `${status?.pods?.current.averageValue ?? unknown}/${metric.pods?.target.averageValue ?? unknown}`;
    case "Resource":
      return `${metric.resource?.name}: ${usageText(metric.resource?.target, status?.resource?.current)}`;
    case "ContainerResource":
      return `${metric.containerResource?.name}: ${usageText(metric.containerResource?.target, status?.containerResource?.current)}`;
    default:
      return "<unknown type>";
  }
}

function amountText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current?.value ?? unknown}/${target?.value ?? unknown}`;
}

function usageText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string): string => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, "<auto>")}`;
}
