import type { ResourceSpec, ScoringStrategy, UtilizationShapePoint } from "#api/generated/schedulerconfig-v1.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import { mostPoints } from "./plugin.ts";

/** What counts for a score where nothing is said. */
export const usualResources: readonly ResourceSpec[] = [{ name: "cpu", weight: 1 }, { name: "memory", weight: 1 }];

/** Points of a node by how full the pod would make it: the weighted mean over the resources that the node has. */
export function resourceScore(strategy: ScoringStrategy): (pod: PodInfo, node: NodeInfo) => number {
  const points = pointsOf(strategy);
  const resources = strategy.resources?.length ? strategy.resources : usualResources;
  // Where full nodes are liked by degrees, a mean is rounded; elsewhere it is cut off.
  const whole = strategy.type === "RequestedToCapacityRatio" ? Math.round : Math.floor;
  return ({ requests, assumed }, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const allocatable = node.allocatable.get(name);
      const isExtended = name !== "cpu" && name !== "memory" && name !== "ephemeral-storage";
      if (allocatable === 0 || (isExtended && requests.get(name) === 0)) continue;
      const wanted = name === "cpu" || name === "memory" ? node.assumed.get(name) + assumed.get(name) : node.requested.get(name) + requests.get(name);
      const worth = points(wanted, allocatable);
      if (strategy.type === "RequestedToCapacityRatio" && worth === 0) continue;
      sum += worth * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : whole(sum / weights);
  };
}

function pointsOf(strategy: ScoringStrategy): (wanted: number, allocatable: number) => number {
  const shape = strategy.requestedToCapacityRatio?.shape ?? [];
  switch (strategy.type) {
    case "LeastAllocated":
      return (wanted, allocatable) => (wanted > allocatable ? 0 : Math.floor(((allocatable - wanted) * mostPoints) / allocatable));
    case "MostAllocated":
      return (wanted, allocatable) => Math.floor((Math.min(wanted, allocatable) * mostPoints) / allocatable);
    case "RequestedToCapacityRatio":
      return (wanted, allocatable) => worthAt(shape, wanted > allocatable ? 100 : Math.floor((wanted * 100) / allocatable));
  }
}

/** The worth, scaled to 0 to 100, on the broken line through the shape's points. */
function worthAt(shape: readonly UtilizationShapePoint[], utilization: number): number {
  const scaled = (score: number): number => score * (mostPoints / 10);
  const next = shape.findIndex((point) => utilization <= point.utilization);
  const right = shape[next];
  if (!right) return scaled(shape.at(-1)?.score ?? 0);
  const left = shape[next - 1];
  if (!left) return scaled(right.score);
  const rise = scaled(right.score) - scaled(left.score);
  return scaled(left.score) + Math.trunc((rise * (utilization - left.utilization)) / (right.utilization - left.utilization));
}
