import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "#api/generated/autoscaling-v2.ts";
import type { Pod } from "#api/core/pod.ts";
import type { LabelSelector } from "#api/generated/meta-v1.ts";
import { approximateValue, formatQuantity, milliQuantityOf, milliValue } from "#machinery/quantity.ts";
import { byShare, byValue } from "./replicas-by-amount.ts";
import { byAverage, byUtilization, type PodMetric, type Proposal } from "./replicas-by-pods.ts";
import { MetricError, type Reading, type Scale, type Tolerances } from "./world.ts";

/** What one metric comes to. */
export type MetricProposal =
  | { readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  | { readonly failed: Failure };

export interface Failure {
  readonly reason: string;
  /** As the condition and the event tell it. */
  readonly message: string;
  /** As the whole of the metrics' failure begins. */
  readonly context: string;
}

const defaultTolerance = 0.1;

export function proposalOf(
  metric: MetricSpec, reading: Reading, pods: readonly Pod[], scale: Scale, tolerances: Tolerances, now: number,
): MetricProposal {
  const { prefix, reason, context } = wordsFor(metric);
  try {
    return attempt(metric, reading, pods, scale, tolerances, now);
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { failed: { reason, message: `${prefix}${error.message}`, context } };
  }
}

export function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const share = (tolerance: string | undefined): number => (tolerance === undefined ? defaultTolerance : approximateValue(tolerance));
  return { up: share(behavior?.scaleUp?.tolerance), down: share(behavior?.scaleDown?.tolerance) };
}

function attempt(
  metric: MetricSpec, reading: Reading, pods: readonly Pod[], scale: Scale, tolerances: Tolerances, now: number,
): { readonly replicas: number; readonly name: string; readonly status: MetricStatus } {
  const { type, resource, containerResource, pods: ofPods, object, external } = metric;
  if (reading.is === "unknown") throw new MetricError(reading.error);
  if (reading.is === "pods") {
    const podMetric = (name: string): PodMetric => ({ values: reading.values, resource: name, tolerances, now });
    if (ofPods) {
      const proposal = byAverage(pods, scale.replicas, milliValue(ofPods.target.averageValue ?? "0"), podMetric(""));
      const status = { type, pods: { metric: ofPods.metric, current: average(proposal) } };
      return { replicas: proposal.replicas, name: `pods metric ${ofPods.metric.name}`, status };
    }
    const source = resource ?? containerResource;
    if (source) {
      const proposal = byUse(source.target, pods, scale.replicas, podMetric(source.name), containerResource?.container);
      const current = average(proposal);
      const status: MetricStatus = containerResource
        ? { type, containerResource: { name: source.name, container: containerResource.container, current } }
        : { type, resource: { name: source.name, current } };
      return { replicas: proposal.replicas, name: useName(source, containerResource !== undefined), status };
    }
  } else if (object) {
    const proposal = byAmount(object.target, reading.value, pods, scale, tolerances);
    const status = { type, object: { describedObject: object.describedObject, metric: object.metric, current: amount(object.target, proposal) } };
    return { replicas: proposal.replicas, name: `${object.describedObject.kind} metric ${object.metric.name}`, status };
  } else if (external) {
    const proposal = byAmount(external.target, reading.value, pods, scale, tolerances);
    const name = `external metric ${external.metric.name}(${selectorWords(external.metric.selector)})`;
    return { replicas: proposal.replicas, name, status: { type, external: { metric: external.metric, current: amount(external.target, proposal) } } };
  }
  throw new MetricError(`unknown metric source type ${JSON.stringify(type)}`);
}

function byUse(target: MetricTarget, pods: readonly Pod[], current: number, metric: PodMetric, container: string | undefined): Proposal {
  if (target.averageValue !== undefined) return byAverage(pods, current, milliValue(target.averageValue), metric);
  return byUtilization(pods, current, target.averageUtilization ?? 100, metric, container);
}

function useName({ name, target }: { readonly name: string; readonly target: MetricTarget }, ofContainer: boolean): string {
  if (target.averageValue !== undefined) return `${name} ${ofContainer ? "container " : ""}resource`;
  return `${name} ${ofContainer ? "container " : ""}resource utilization (percentage of request)`;
}

function byAmount({ value, averageValue }: MetricTarget, now: number, pods: readonly Pod[], scale: Scale, tolerances: Tolerances): Proposal {
  if (averageValue !== undefined) return byShare(scale.statusReplicas, now, milliValue(averageValue), tolerances);
  return byValue(pods, scale.replicas, now, milliValue(value ?? "0"), tolerances);
}

function average({ average: value, utilization }: Proposal): MetricValueStatus {
  return { ...(utilization === undefined ? {} : { averageUtilization: utilization }), averageValue: formatQuantity(milliQuantityOf(value)) };
}

function amount({ averageValue }: MetricTarget, { average: value }: Proposal): MetricValueStatus {
  return { [averageValue === undefined ? "value" : "averageValue"]: formatQuantity(milliQuantityOf(value)) };
}

/** As Go prints a selector. */
function selectorWords(selector: LabelSelector | undefined): string {
  if (selector === undefined) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}: ${value},`).join("");
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{},}`;
}

interface Words {
  /** What stands before the error in the condition. */
  readonly prefix: string;
  readonly reason: string;
  readonly context: string;
}

function wordsFor({ type, resource, containerResource, external }: MetricSpec): Words {
  switch (type) {
    case "Resource":
      return {
        prefix: `failed to get ${resource?.name} utilization: `, reason: "FailedGetResourceMetric",
        context: `failed to get ${resource?.name} resource metric value: `,
      };
    case "ContainerResource":
      return {
        prefix: `failed to get ${containerResource?.name} utilization: `, reason: "FailedGetContainerResourceMetric",
        context: `failed to get ${containerResource?.name} container metric value: `,
      };
    case "Pods":
      return { prefix: "", reason: "FailedGetPodsMetric", context: "failed to get pods metric value: " };
    case "Object":
      return { prefix: "", reason: "FailedGetObjectMetric", context: "failed to get object metric value: " };
    default:
      return { prefix: "", reason: "FailedGetExternalMetric", context: `failed to get ${external?.metric.name} external metric value: ` };
  }
}
