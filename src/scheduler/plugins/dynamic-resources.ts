import { isReservedFor, podClaims } from "#api/core/pod-resource-claims.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { equal } from "#machinery/equality.ts";
import type { ClusterChange } from "../cluster-change.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { NodeInfo } from "../node-info.ts";
import { selects } from "../node-selection.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { type Refusal, refusal } from "../refusals.ts";
import { allocate } from "./dynamic-resources/allocate.ts";
import { type Claims, claimsFor, knownClaims } from "./dynamic-resources/claims.ts";
import { allocationOf } from "./dynamic-resources/result.ts";

interface State {
  readonly claims: Claims;
  readonly cluster: ClusterState;
}

const name = "DynamicResources";
const elsewhere = refusal(name, true, "resourceclaim not available on the node");
const noClaims = { message: "no new claims to deallocate", keepsNomination: true };

/** Gives pods the devices that their claims ask for, and puts them where these are (KEP-4381). */
export const dynamicResources: Plugin<State> = {
  name,
  holdsBack(pod, cluster) {
    const known = knownClaims(pod, cluster);
    return typeof known === "string" ? known : undefined;
  },
  refuse(pod, cluster) {
    if (!hasClaims(pod)) return undefined;
    const claims = claimsFor(pod, cluster);
    return typeof claims === "string" ? refusal(name, true, claims) : undefined;
  },
  prepare(pod, cluster) {
    const claims = hasClaims(pod) ? claimsFor(pod, cluster) : undefined;
    return claims === undefined || typeof claims === "string" ? undefined : { claims, cluster };
  },
  filter(_pod, node, { claims, cluster }) {
    if (!claims.allocated.every((claim) => isAvailable(claim, node))) return elsewhere;
    if (claims.wishes.length === 0) return undefined;
    const picked = allocate(claims.wishes, cluster.devices.pools.onNode(node), cluster.devices.ledger);
    return typeof picked === "string" ? refusal(name, true, picked) : undefined;
  },
  rescue(pod, { cluster, refusals }) {
    const claims = hasClaims(pod) ? claimsFor(pod, cluster) : undefined;
    if (claims === undefined) return noClaims;
    const given = typeof claims === "string" ? undefined : claims.allocated.find((claim) => isInTheWay(claim, pod, refusals.all()));
    if (!given) return { message: "still not schedulable", keepsNomination: true };
    const { allocation: _allocation, reservedFor: _reservedFor, ...status } = given.status;
    const statusWrites = [{ kind: ResourceClaim, object: { ...given, status } }];
    return { message: "deallocation of ResourceClaim completed", keepsNomination: true, statusWrites };
  },
  reserve(pod, node, cluster) {
    const claims = hasClaims(pod) ? claimsFor(pod, cluster) : undefined;
    if (claims === undefined) return undefined;
    if (typeof claims === "string") throw new Error(claims);
    const picked = allocate(claims.wishes, cluster.devices.pools.onNode(node), cluster.devices.ledger);
    if (typeof picked === "string") throw new Error(picked);
    return {
      what: "claims",
      claims: [
        ...claims.wishes.map((wish, index) => ({ claim: wish.claim, allocation: allocationOf(wish, picked[index] ?? []) })),
        ...claims.allocated.filter((claim) => !isReservedFor(claim, pod.uid)).map((claim) => ({ claim })),
      ],
    };
  },
  mayHelp: (pod, change) => change.what === "node-added" || (change.what === "node-updated" && change.differences.labels) || helps(pod, change),
};

function hasClaims({ pod }: PodInfo): boolean {
  return (pod.spec.resourceClaims ?? []).length > 0;
}

function isAvailable({ status: { allocation } }: ResourceClaim, node: NodeInfo): boolean {
  return allocation?.nodeSelector === undefined || selects(allocation.nodeSelector, node);
}

/** Nobody else uses the claim, and what it has is not where the pod could go. */
function isInTheWay(claim: ResourceClaim, { uid }: PodInfo, refused: readonly { readonly node: NodeInfo; readonly refusal: Refusal }[]): boolean {
  const { reservedFor = [] } = claim.status;
  if (reservedFor.some((user) => user.uid !== uid)) return false;
  return refused.some(({ node, refusal: { by } }) => by === name && !isAvailable(claim, node));
}

/** Devices have come or become free, or the pod's claim is another. */
function helps({ pod, namespace }: PodInfo, change: ClusterChange): boolean {
  if (change.what === "object-changed") return change.kind === "ResourceSlice" || change.kind === "DeviceClass";
  if (change.what !== "claim-changed") return false;
  const { claim, before } = change;
  if (before?.status.allocation && !claim.status.allocation) return true;
  const { metadata } = claim;
  const isOwn = metadata.namespace === namespace && podClaims(pod).some((wanted) => wanted.is === "claim" && wanted.name === metadata.name);
  return isOwn && !(before && equal(before.status, claim.status));
}
