import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";

/** An object as it is to be; written only where nobody has changed it meanwhile. */
export interface Write {
  readonly kind: KindReference;
  readonly object: KubeObject;
}

/** What has to come true before a pod can be bound to its node. */
export interface Reservation {
  /** Uid of the claim that a volume is promised to, by the volume's name: nobody else is to count on it. */
  readonly promises: ReadonlyMap<string, string>;
  readonly writes: readonly Write[];
  /** @throws Error when it never will be */
  isFulfilled(cluster: ClusterState): boolean;
  readonly timeoutSeconds: number;
}
