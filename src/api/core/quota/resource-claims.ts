import type { ResourceList } from "#machinery/resource-list.ts";
import type { DeviceRequest, ResourceClaim } from "../../generated/resource-v1.ts";
import type { QuotaEvaluator } from "./evaluator.ts";

const countOfAll = "count/resourceclaims.resource.k8s.io";
const suffix = ".deviceclass.resource.k8s.io/devices";
/** Who asks for all devices may get so many (API reference: resource.k8s.io/v1 DeviceAllocationResult). */
const most = 32;

/** Claims, and by device class the devices that they ask for: of choices, what the greediest asks for. */
export const resourceClaimEvaluator: QuotaEvaluator = {
  changes: false,
  counts: (resource) => resource === countOfAll || resource.endsWith(suffix),
  usage(object) {
    const counts = new Map<string, number>();
    for (const request of (object as ResourceClaim).spec.devices.requests ?? []) {
      for (const [name, count] of mostOf(request)) counts.set(name, (counts.get(name) ?? 0) + count);
    }
    const usage: { [resource: string]: string } = { [countOfAll]: "1" };
    for (const [name, count] of counts) usage[`${name}${suffix}`] = String(count);
    return usage satisfies ResourceList;
  },
  isWithin: () => false,
};

function mostOf({ exactly, firstAvailable = [] }: DeviceRequest): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { deviceClassName, allocationMode, count = 1 } of exactly ? [exactly] : firstAvailable) {
    counts.set(deviceClassName, Math.max(counts.get(deviceClassName) ?? 0, allocationMode === "All" ? most : count));
  }
  return counts;
}
