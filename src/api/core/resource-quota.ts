import type { ResourceQuota as ResourceQuotaObject } from "../generated/core-v1.ts";
import { ageColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateResourceQuota, validateResourceQuotaStatus, validateResourceQuotaUpdate } from "./validation/resource-quota.ts";

export type ResourceQuota = ResourceQuotaObject;

const isLimit = (resource: string): boolean => resource.startsWith("limits");

export const ResourceQuota = defineKind<ResourceQuota>({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  scope: "Namespaced",
  message: "core/v1.ResourceQuota",
  shortNames: ["quota"],
  subresources: { status: true },
  columns: [
    {
      name: "Request", type: "string", description: "What is used of what may be asked for.",
      value: (quota) => usageText(quota, (resource) => !isLimit(resource)),
    },
    { name: "Limit", type: "string", description: "What is used of what may be taken.", value: (quota) => usageText(quota, isLimit) },
    ageColumn,
  ],
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatus,
});

/** `pods: 1/5, requests.cpu: 0/2` */
function usageText({ status: { hard = {}, used = {} } }: ResourceQuota, isShown: (resource: string) => boolean): string {
  const resources = Object.keys(hard).filter(isShown).toSorted();
  return resources.map((resource) => `${resource}: ${used[resource] ?? "0"}/${hard[resource]}`).join(", ");
}
