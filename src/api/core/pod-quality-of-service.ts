import { compareQuantities, quantitySign } from "#machinery/quantity.ts";
import type { PodSpec, ResourceRequirements } from "../generated/core-v1.ts";

export type QualityOfService = "Guaranteed" | "Burstable" | "BestEffort";

const counted = ["cpu", "memory"] as const;

/**
 * How a pod fares when its node runs short (Kubernetes "Pod Quality of Service Classes"): guaranteed when every container limits
 * both cpu and memory and requests just that, best effort when none limits or requests either, burstable otherwise.
 */
export function qualityOfService(spec: PodSpec): QualityOfService {
  const parts = spec.resources !== undefined && hasAny(spec.resources)
    ? [spec.resources]
    : [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources);
  if (!parts.some((resources) => hasAny(resources))) return "BestEffort";
  return parts.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function hasAny({ limits = {}, requests = {} }: ResourceRequirements = {}): boolean {
  return counted.some((name) => [limits[name], requests[name]].some((quantity) => quantity !== undefined && quantitySign(quantity) > 0));
}

function isGuaranteed({ limits = {}, requests = {} }: ResourceRequirements = {}): boolean {
  return counted.every((name) => {
    const [limit, request] = [limits[name], requests[name] ?? limits[name]];
    return limit !== undefined && request !== undefined && quantitySign(limit) > 0 && compareQuantities(limit, request) === 0;
  });
}
