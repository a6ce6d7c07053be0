import type { Pod } from "#api/generated/core-v1.ts";
import { qualityOfService } from "#api/core/pod-quality-of-service.ts";
import { milliValue, value } from "#machinery/quantity.ts";
import type { AnyContainer } from "../containers.ts";
import type { Sent } from "../runtime/cri/definitions.ts";
import { cpuPeriod, cpuQuota, cpuShares } from "./cpu.ts";

/** Priority of what the cluster itself needs on each node (system-node-critical). */
const nodeCriticalPriority = 2_000_001_000;

/** What the kernel gives a container. @param nodeMemoryBytes all of the node's */
export function containerResources(pod: Pod, container: AnyContainer, nodeMemoryBytes: number): Sent<"LinuxContainerResources"> {
  const { limits = {}, requests = {} } = container.resources;
  const limit = milliValue(limits["cpu"] ?? "0");
  const memory = value(limits["memory"] ?? "0");
  return {
    cpuShares: cpuShares(requests["cpu"] === undefined && limits["cpu"] !== undefined ? limit : milliValue(requests["cpu"] ?? "0")),
    cpuPeriod,
    cpuQuota: cpuQuota(limit),
    ...(memory > 0 ? { memoryLimitInBytes: memory } : {}),
    oomScoreAdj: oomScoreAdjustment(pod, container, nodeMemoryBytes),
    hugepageLimits: Object.entries(limits).filter(([name]) => name.startsWith("hugepages-"))
      .map(([name, amount]) => ({ pageSize: `${name.slice("hugepages-".length).replace(/i$/, "")}B`, limit: value(amount) })),
  };
}

/** What of that changes while a container runs. */
export function resizedResources(pod: Pod, container: AnyContainer, nodeMemoryBytes: number): Sent<"LinuxContainerResources"> {
  const { hugepageLimits: _, ...rest } = containerResources(pod, container, nodeMemoryBytes);
  return rest;
}

/** Who is ended first when memory runs out: those who asked for the least share of the node (KEP: kubelet QoS). */
export function oomScoreAdjustment(pod: Pod, container: AnyContainer, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= nodeCriticalPriority) return -997;
  const quality = qualityOfService(pod.spec);
  if (quality === "Guaranteed") return -997;
  if (quality === "BestEffort") return 1000;
  const request = value(container.resources.requests?.["memory"] ?? "0");
  const score = Math.floor(1000 - (1000 * request) / nodeMemoryBytes);
  return Math.min(Math.max(score, 3), 999);
}
