import type { MetricSpec as OldMetric, MetricStatus as OldStatus } from "../../generated/autoscaling-v1.ts";
import type { MetricIdentifier, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../../generated/autoscaling-v2.ts";

/** Metrics as version 1 spelled them, which is how its annotations carry them. */
export function fromOldMetric({ type, object, pods, resource, external, containerResource }: OldMetric): MetricSpec {
  return defined<MetricSpec>({
    type: type ?? "",
    object: object && {
      describedObject: object.target ?? nothing, metric: identifier(object.metricName, object.selector),
      target: target({ value: object.averageValue === undefined ? object.targetValue : undefined, averageValue: object.averageValue }),
    },
    pods: pods && { metric: identifier(pods.metricName, pods.selector), target: target({ averageValue: pods.targetAverageValue }) },
    resource: resource && { name: resource.name ?? "", target: usageTarget(resource) },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      target: target({ value: external.targetValue, averageValue: external.targetAverageValue }),
    },
    containerResource: containerResource && {
      name: containerResource.name ?? "", container: containerResource.container ?? "", target: usageTarget(containerResource),
    },
  });
}

export function toOldMetric({ type, object, pods, resource, external, containerResource }: MetricSpec): OldMetric {
  return defined<OldMetric>({
    type,
    object: object && defined({
      target: object.describedObject, metricName: object.metric.name, selector: object.metric.selector,
      targetValue: object.target.value ?? "0", averageValue: object.target.averageValue,
    }),
    pods: pods && defined({ metricName: pods.metric.name, selector: pods.metric.selector, targetAverageValue: pods.target.averageValue }),
    resource: resource && defined({ name: resource.name, ...oldUsageTarget(resource.target) }),
    external: external && defined({
      metricName: external.metric.name, metricSelector: external.metric.selector,
      targetValue: external.target.value, targetAverageValue: external.target.averageValue,
    }),
    containerResource: containerResource && defined({
      name: containerResource.name, container: containerResource.container, ...oldUsageTarget(containerResource.target),
    }),
  });
}

export function fromOldStatus({ type, object, pods, resource, external, containerResource }: OldStatus): MetricStatus {
  return defined<MetricStatus>({
    type: type ?? "",
    object: object && {
      describedObject: object.target ?? nothing, metric: identifier(object.metricName, object.selector),
      current: defined<MetricValueStatus>({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && { metric: identifier(pods.metricName, pods.selector), current: defined({ averageValue: pods.currentAverageValue }) },
    resource: resource && { name: resource.name ?? "", current: usage(resource) },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      current: defined<MetricValueStatus>({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
    containerResource: containerResource && {
      name: containerResource.name ?? "", container: containerResource.container ?? "", current: usage(containerResource),
    },
  });
}

export function toOldStatus({ type, object, pods, resource, external, containerResource }: MetricStatus): OldStatus {
  return defined<OldStatus>({
    type,
    object: object && defined({
      target: object.describedObject, metricName: object.metric.name, selector: object.metric.selector,
      currentValue: object.current.value, averageValue: object.current.averageValue,
    }),
    pods: pods && defined({ metricName: pods.metric.name, selector: pods.metric.selector, currentAverageValue: pods.current.averageValue }),
    resource: resource && defined({ name: resource.name, ...oldUsage(resource.current) }),
    external: external && defined({
      metricName: external.metric.name, metricSelector: external.metric.selector,
      currentValue: external.current.value, currentAverageValue: external.current.averageValue,
    }),
    containerResource: containerResource && defined({
      name: containerResource.name, container: containerResource.container, ...oldUsage(containerResource.current),
    }),
  });
}

const nothing = { kind: "", name: "" };

function identifier(name: string | undefined, selector: MetricIdentifier["selector"]): MetricIdentifier {
  return defined<MetricIdentifier>({ name: name ?? "", selector });
}

/** The type of a goal follows from what is given. */
function target(goal: Omit<MetricTarget, "type">): MetricTarget {
  const type = goal.value !== undefined ? "Value" : goal.averageUtilization !== undefined ? "Utilization" : "AverageValue";
  return defined<MetricTarget>({ type, ...goal });
}

function usageTarget(old: NonNullable<OldMetric["resource"]>): MetricTarget {
  return target({ averageUtilization: old.targetAverageUtilization, averageValue: old.targetAverageValue });
}

function oldUsageTarget({ averageUtilization, averageValue }: MetricTarget): Partial<NonNullable<OldMetric["resource"]>> {
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue };
}

function usage(old: NonNullable<OldStatus["resource"]>): MetricValueStatus {
  return defined<MetricValueStatus>({ averageUtilization: old.currentAverageUtilization, averageValue: old.currentAverageValue });
}

function oldUsage({ averageUtilization, averageValue }: MetricValueStatus): Partial<NonNullable<OldStatus["resource"]>> {
  return { currentAverageUtilization: averageUtilization, currentAverageValue: averageValue };
}

/** Leaves out what is undefined. */
function defined<T>(object: object): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
