import { canBeReserved, isReservedFor, podClaims } from "#api/core/pod-resource-claims.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import { isControlledBy } from "#machinery/owner-references.ts";
import type { ClusterState } from "../../cluster-state/cluster-state.ts";
import type { PodInfo } from "../../pod-info.ts";
import { type Wish, wishOf } from "./wishes.ts";

/** A pod's claims: those that have their devices, and those that get some where the pod goes. */
export interface Claims {
  readonly allocated: readonly ResourceClaim[];
  readonly wishes: readonly Wish[];
}

/** @returns in upstream's words, why not all of them are there */
export function knownClaims({ pod, namespace, name, uid }: PodInfo, { objects }: ClusterState): readonly ResourceClaim[] | string {
  const claims: ResourceClaim[] = [];
  for (const wanted of podClaims(pod)) {
    if (wanted.is === "none") continue;
    if (wanted.is === "pending") return `pod "${namespace}/${name}": ResourceClaim not created yet`;
    const claim = objects.resourceClaims.get(namespace, wanted.name);
    if (!claim) return `resourceclaim.resource.k8s.io "${wanted.name}" not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${wanted.name}" is being deleted`;
    if (wanted.isGenerated && !isControlledBy(claim, { metadata: { uid } })) {
      return `ResourceClaim ${namespace}/${wanted.name} was not created for pod ${namespace}/${name} (pod is not owner)`;
    }
    claims.push(claim);
  }
  return claims;
}

/** @returns in upstream's words, why the pod cannot be placed for now, whatever the node */
export function claimsFor(pod: PodInfo, cluster: ClusterState): Claims | string {
  const known = knownClaims(pod, cluster);
  if (typeof known === "string") return known;
  const allocated: ResourceClaim[] = [];
  const wishes: Wish[] = [];
  for (const claim of known) {
    const { namespace, name, uid } = claim.metadata;
    if (claim.status.allocation) {
      if (!canBeReserved(claim) && !isReservedFor(claim, pod.uid)) return "resourceclaim in use";
      allocated.push(claim);
      continue;
    }
    if (cluster.devices.ledger.isAssumed(uid)) return `resource claim ${namespace}/${name} is in the process of being allocated`;
    const wish = wishOf(claim, cluster.objects);
    if (typeof wish === "string") return wish;
    wishes.push(wish);
  }
  return { allocated, wishes };
}
