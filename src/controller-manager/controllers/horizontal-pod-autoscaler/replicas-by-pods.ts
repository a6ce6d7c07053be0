import type { Pod } from "#api/core/pod.ts";
import { milliValue } from "#machinery/quantity.ts";
import { groupPods } from "./pod-groups.ts";
import { isWithin, MetricError, type PodValues, type Tolerances } from "./world.ts";

/** How many pods a metric wants, and what it is on average: thousandths, or percent of requests as well. */
export interface Proposal {
  readonly replicas: number;
  readonly average: number;
  readonly utilization?: number;
}

export interface PodMetric {
  readonly values: PodValues;
  /** "" where the metric is no resource. */
  readonly resource: string;
  readonly tolerances: Tolerances;
  readonly now: number;
}

interface Usage {
  /** Of what is wanted. */
  readonly ratio: number;
  readonly average: number;
  readonly utilization?: number;
}

/** A goal in percent of what the pods request. @param container only this one's requests and use @throws MetricError */
export function byUtilization(pods: readonly Pod[], current: number, target: number, metric: PodMetric, container: string | undefined): Proposal {
  const requests = requestsOf(pods, metric.resource, container);
  return propose(pods, current, metric, (values) => utilizationOf(values, requests, target), (name) => requests.get(name) ?? 0);
}

/** A goal of so much per pod, in thousandths. @throws MetricError */
export function byAverage(pods: readonly Pod[], current: number, target: number, metric: PodMetric): Proposal {
  const usageOf = (values: ReadonlyMap<string, number>): Usage => {
    const average = Math.floor(sum(values.values()) / values.size);
    return { ratio: average / target, average };
  };
  return propose(pods, current, metric, usageOf, () => target);
}

/**
 * Pods of which nothing is known are taken to be as wanted where fewer pods would do, and idle where more are needed, so that no change is
 * larger than it has to be; where that turns the direction, nothing changes (Kubernetes "Horizontal Pod Autoscaling": algorithm details).
 */
function propose(
  pods: readonly Pod[], current: number, { values, resource, tolerances, now }: PodMetric,
  usageOf: (values: ReadonlyMap<string, number>) => Usage, wantedOf: (name: string) => number,
): Proposal {
  if (pods.length === 0) throw new MetricError("no pods returned by selector while calculating replica count");
  const groups = groupPods(pods, values, resource, now);
  if (groups.values.size === 0) throw new MetricError("did not receive metrics for any ready pods");
  const { ratio, ...measured } = usageOf(groups.values);
  const stay = { replicas: current, ...measured };
  const countsUnready = groups.unready.length > 0 && ratio > 1;
  if (!countsUnready && groups.missing.length === 0) {
    return isWithin(ratio, tolerances) ? stay : { replicas: Math.ceil(ratio * groups.ready), ...measured };
  }
  const guessed = new Map(groups.values);
  if (ratio !== 1) for (const name of groups.missing) guessed.set(name, ratio < 1 ? wantedOf(name) : 0);
  if (countsUnready) for (const name of groups.unready) guessed.set(name, 0);
  const { ratio: next } = usageOf(guessed);
  if (isWithin(next, tolerances) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return stay;
  const replicas = Math.ceil(next * guessed.size);
  const turns = (next < 1 && replicas > current) || (next > 1 && replicas < current);
  return turns ? stay : { replicas, ...measured };
}

function utilizationOf(values: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number>, target: number): Usage {
  const known = [...values].filter(([name]) => requests.has(name));
  const requested = sum(known.map(([name]) => requests.get(name) ?? 0));
  if (requested === 0) throw new MetricError("no metrics returned matched known pods");
  const used = sum(known.map(([, value]) => value));
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target, average: Math.trunc(used / known.length), utilization };
}

/** In thousandths, by pod. */
function requestsOf(pods: readonly Pod[], resource: string, container: string | undefined): ReadonlyMap<string, number> {
  return new Map(pods.map(({ metadata: { name: pod }, spec }) => {
    const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
    const own = [...spec.containers, ...sidecars].filter(({ name }) => container === undefined || name === container);
    const requests = own.map(({ name, resources }) => {
      const request = resources.requests?.[resource];
      if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${pod}`);
      return milliValue(request);
    });
    return [pod, sum(requests)];
  }));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
