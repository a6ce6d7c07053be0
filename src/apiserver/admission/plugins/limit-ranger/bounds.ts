import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { Pod } from "#api/core/pod.ts";
import { podLimits, podRequests } from "#api/core/pod-requests.ts";
import type { LimitRangeItem } from "#api/generated/core-v1.ts";
import { approximateValue, compareQuantities } from "#machinery/quantity.ts";
import type { ResourceList } from "#machinery/resource-list.ts";

type Items = readonly LimitRangeItem[];

/** What of a pod is beyond the bounds for each container and for pods as a whole. */
export function podProblems(pod: Pod, items: Items): readonly string[] {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return items.flatMap((item) => {
    if (item.type === "Container") return containers.flatMap(({ resources }) => problems(item, resources.requests ?? {}, resources.limits ?? {}));
    return item.type === "Pod" ? problems(item, podRequests(pod), podLimits(pod)) : [];
  });
}

/** Claims have requests only. */
export function claimProblems({ spec }: PersistentVolumeClaim, items: Items): readonly string[] {
  const { requests = {} } = spec.resources;
  return items.filter(({ type }) => type === "PersistentVolumeClaim").flatMap(({ type, min = {}, max = {} }) => [
    ...each(min, (resource, bound) => belowMinimum(usage(resource, type, "minimum", bound), requests[resource], undefined, bound)),
    ...each(max, (resource, bound) => aboveMaximumRequest(usage(resource, type, "maximum", bound), requests[resource], bound)),
  ]);
}

function problems({ type, min = {}, max = {}, maxLimitRequestRatio = {} }: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  return [
    ...each(min, (resource, bound) => belowMinimum(usage(resource, type, "minimum", bound), requests[resource], limits[resource], bound)),
    ...each(max, (resource, bound) => aboveMaximum(usage(resource, type, "maximum", bound), requests[resource], limits[resource], bound)),
    ...each(maxLimitRequestRatio, (resource, bound) => {
      return aboveRatio(`${resource} max limit to request ratio per ${type} is ${bound}`, requests[resource], limits[resource], bound);
    }),
  ];
}

function each(bounds: ResourceList, check: (resource: string, bound: string) => string | undefined): string[] {
  return Object.entries(bounds).flatMap(([resource, bound]) => check(resource, bound) ?? []);
}

function usage(resource: string, type: string, which: "minimum" | "maximum", bound: string): string {
  return `${which} ${resource} usage per ${type} is ${bound}`;
}

function belowMinimum(rule: string, request: string | undefined, limit: string | undefined, bound: string): string | undefined {
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${rule}, but request is ${request}`;
  return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${rule}, but limit is ${limit}` : undefined;
}

function aboveMaximum(rule: string, request: string | undefined, limit: string | undefined, bound: string): string | undefined {
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${rule}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, bound) > 0 ? `${rule}, but request is ${request}` : undefined;
}

function aboveMaximumRequest(rule: string, request: string | undefined, bound: string): string | undefined {
  if (request === undefined) return `${rule}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${rule}, but request is ${request}` : undefined;
}

function aboveRatio(rule: string, request: string | undefined, limit: string | undefined, bound: string): string | undefined {
  const [asked, allowed] = [amountOf(request), amountOf(limit)];
  if (asked === 0) return `${rule}, but no request is specified or request is 0`;
  if (allowed === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = allowed / asked;
  return ratio > approximateValue(bound) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function amountOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : approximateValue(quantity);
}
