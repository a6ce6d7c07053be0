import type { Pod } from "#api/core/pod.ts";
import { isReady } from "../../pods.ts";
import type { Proposal } from "./replicas-by-pods.ts";
import { isWithin, MetricError, type Tolerances } from "./world.ts";

/** A goal for one amount, whatever the number of pods. Without any pod, the amount alone says how many. @throws MetricError */
export function byValue(pods: readonly Pod[], current: number, value: number, target: number, tolerances: Tolerances): Proposal {
  const ratio = value / target;
  if (current === 0) return { replicas: Math.ceil(ratio), average: value };
  if (isWithin(ratio, tolerances)) return { replicas: current, average: value };
  if (pods.length === 0) throw new MetricError("unable to calculate ready pods: no pods returned by selector while calculating replica count");
  const ready = pods.filter((pod) => pod.status.phase === "Running" && isReady(pod)).length;
  return { replicas: Math.ceil(ratio * ready), average: value };
}

/** A goal for each pod's share of an amount. @param count how many pods there are */
export function byShare(count: number, value: number, target: number, tolerances: Tolerances): Proposal {
  const replicas = isWithin(value / (target * count), tolerances) ? count : Math.ceil(value / target);
  return { replicas, average: count === 0 ? value : Math.ceil(value / count) };
}
