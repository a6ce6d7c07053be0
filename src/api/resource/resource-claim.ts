import type { Draft } from "#machinery/kind.ts";
import type { ResourceClaim as ResourceClaimObject, ResourceClaimSpec } from "../generated/resource-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateResourceClaim, validateResourceClaimStatus, validateResourceClaimUpdate } from "./validation/resource-claim.ts";

export type ResourceClaim = ResourceClaimObject;

export const ResourceClaim = defineKind<ResourceClaim>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  message: "resource/v1.ResourceClaim",
  subresources: { status: true },
  columns: [{ name: "State", type: "string", description: "Whether it has its devices, and whether they are used.", value: stateText }],
  defaults: ({ spec }) => fillClaimDefaults(spec),
  validate: validateResourceClaim,
  validateUpdate: validateResourceClaimUpdate,
  validateStatusUpdate: validateResourceClaimStatus,
});

/** One device, unless a request says otherwise. @param spec missing where a client left it out */
export function fillClaimDefaults(spec: Draft<ResourceClaimSpec> | undefined): void {
  for (const { exactly, firstAvailable = [] } of spec?.devices.requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...firstAvailable]) {
      request.allocationMode ??= "ExactCount";
      if (request.allocationMode === "ExactCount") request.count ??= 1;
    }
  }
}

function stateText({ metadata, status: { allocation, reservedFor = [] } }: ResourceClaim): string {
  const deleted = metadata.deletionTimestamp !== undefined;
  const states = [...(deleted ? ["deleted"] : []), ...(allocation ? ["allocated"] : []), ...(reservedFor.length > 0 ? ["reserved"] : [])];
  return states.join(",") || "pending";
}
