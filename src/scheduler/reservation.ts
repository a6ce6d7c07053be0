import type { AllocationResult, ResourceClaim } from "#api/generated/resource-v1.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";

/** An object as it is to be; written only where nobody has changed it meanwhile. */
export interface Write {
  readonly kind: KindReference;
  readonly object: KubeObject;
}

/** What has to come true before a pod can be bound to its node. */
export type Reservation = VolumesReservation | ClaimsReservation;

export interface VolumesReservation {
  readonly what: "volumes";
  /** Uid of the claim that a volume is promised to, by the volume's name: nobody else is to count on it. */
  readonly promises: ReadonlyMap<string, string>;
  readonly writes: readonly Write[];
  /** @throws Error when it never will be */
  isFulfilled(cluster: ClusterState): boolean;
  readonly timeoutSeconds: number;
}

/** Claims that the pod will use. */
export interface ClaimsReservation {
  readonly what: "claims";
  readonly claims: readonly ReservedClaim[];
}

export interface ReservedClaim {
  readonly claim: ResourceClaim;
  /** The devices that it gets; absent where it has them already. */
  readonly allocation?: AllocationResult;
}
