import type { Pod as PodObject, PodResourceClaim } from "../generated/core-v1.ts";
import type { ResourceClaim } from "../generated/resource-v1.ts";

/** What a pod's entry under `resourceClaims` comes to (KEP-4381). */
export type PodClaim =
  | { readonly is: "claim"; readonly entry: string; readonly name: string; /** Made for this pod from a template. */ readonly isGenerated: boolean }
  /** It is yet to be made from a template. */
  | { readonly is: "pending"; readonly entry: string }
  /** None is needed. */
  | { readonly is: "none"; readonly entry: string };

/** Users of a claim, at most (API reference: resource.k8s.io/v1 ResourceClaimStatus). */
export const mostClaimUsers = 256;

export function podClaims({ spec, status }: Pick<PodObject, "spec" | "status">): readonly PodClaim[] {
  return (spec.resourceClaims ?? []).map((entry) => podClaim(entry, status));
}

function podClaim({ name: entry, resourceClaimName }: PodResourceClaim, { resourceClaimStatuses = [] }: PodObject["status"]): PodClaim {
  if (resourceClaimName !== undefined) return { is: "claim", entry, name: resourceClaimName, isGenerated: false };
  const made = resourceClaimStatuses.find(({ name }) => name === entry);
  if (!made) return { is: "pending", entry };
  return made.resourceClaimName === undefined ? { is: "none", entry } : { is: "claim", entry, name: made.resourceClaimName, isGenerated: true };
}

export function isReservedFor({ status: { reservedFor = [] } }: ResourceClaim, uid: string): boolean {
  return reservedFor.some((user) => user.uid === uid);
}

export function canBeReserved({ status: { reservedFor = [] } }: ResourceClaim): boolean {
  return reservedFor.length < mostClaimUsers;
}
