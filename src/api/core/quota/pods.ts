import type { ResourceList } from "#machinery/resource-list.ts";
import { parseTime } from "#machinery/time.ts";
import type { Affinity, Container, Pod, PodAffinityTerm } from "../../generated/core-v1.ts";
import { podLimits, podRequests } from "../pod-requests.ts";
import { qualityOfService } from "../pod-quality-of-service.ts";
import { isExtendedResource } from "../validation/resources.ts";
import { matchesValue, type QuotaEvaluator, type ScopeRequirement } from "./evaluator.ts";
import { isHugePages } from "./resources.ts";

const computed = ["cpu", "memory", "ephemeral-storage"] as const;
const counted = new Set(["pods", "count/pods", ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]);

/** `count/pods` counts every pod there is; all else counts pods that still take something from their nodes. */
export const podEvaluator: QuotaEvaluator = {
  changes: true,
  counts: (resource) => counted.has(resource) || isHugePages(resource) || isExtendedRequest(resource),
  usage(object, now) {
    const pod = object as Pod;
    const itself = { "count/pods": "1" };
    return isOver(pod, now) ? itself : { ...itself, pods: "1", ...amountsOf(podRequests(pod), podLimits(pod)) };
  },
  isWithin: (object, requirement) => isWithin(object as Pod, requirement),
  unspecified: (object, limited) => unspecified(object as Pod, limited),
};

function isExtendedRequest(resource: string): boolean {
  return resource.startsWith("requests.") && isExtendedResource(resource.slice("requests.".length));
}

/** It has ended, or should have: its node may be lost. */
function isOver({ metadata: { deletionTimestamp, deletionGracePeriodSeconds }, status: { phase } }: Pod, now: number): boolean {
  if (phase === "Failed" || phase === "Succeeded") return true;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  const end = parseTime(deletionTimestamp);
  return end !== undefined && now > end + deletionGracePeriodSeconds * 1000;
}

/** As quotas name them: a bare name is that of the request. */
function amountsOf(requests: ResourceList, limits: ResourceList): ResourceList {
  const amounts: { [resource: string]: string } = {};
  for (const [resource, amount] of Object.entries(requests)) {
    const isComputed = computed.some((name) => name === resource);
    if (isComputed || isHugePages(resource)) amounts[resource] = amount;
    if (isComputed || isHugePages(resource) || isExtendedResource(resource)) amounts[`requests.${resource}`] = amount;
  }
  for (const resource of computed) {
    const amount = limits[resource];
    if (amount !== undefined) amounts[`limits.${resource}`] = amount;
  }
  return amounts;
}

function isWithin({ spec }: Pod, requirement: ScopeRequirement): boolean {
  switch (requirement.scopeName) {
    case "Terminating":
      return spec.activeDeadlineSeconds !== undefined;
    case "NotTerminating":
      return spec.activeDeadlineSeconds === undefined;
    case "BestEffort":
      return qualityOfService(spec) === "BestEffort";
    case "NotBestEffort":
      return qualityOfService(spec) !== "BestEffort";
    case "PriorityClass":
      return matchesValue(spec.priorityClassName || undefined, requirement);
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(spec.affinity);
    default:
      return false;
  }
}

function reachesOtherNamespaces({ podAffinity, podAntiAffinity }: Affinity = {}): boolean {
  const reaches = ({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean => namespaces.length > 0 || namespaceSelector !== undefined;
  return [podAffinity, podAntiAffinity].some((affinity) => {
    const preferred = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm);
    return [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...preferred].some(reaches);
  });
}

/** Of these, every container has to say what it asks for or is limited to, once a quota limits them. */
const toBeSpecified = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

function unspecified({ spec }: Pod, limited: readonly string[]): string | undefined {
  const required = toBeSpecified.filter((resource) => limited.includes(resource));
  if (required.length === 0) return undefined;
  const whole = amountsOf(spec.resources?.requests ?? {}, spec.resources?.limits ?? {});
  const missing = required.filter((resource) => whole[resource] === undefined).flatMap((resource) => {
    const names = [...spec.containers, ...(spec.initContainers ?? [])].filter((container) => lacks(container, resource)).map(({ name }) => name);
    return names.length === 0 ? [] : [`${resource} for: ${[...new Set(names)].toSorted().join(",")}`];
  });
  return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`;
}

function lacks({ resources }: Container, resource: string): boolean {
  return amountsOf(resources.requests ?? {}, resources.limits ?? {})[resource] === undefined;
}
