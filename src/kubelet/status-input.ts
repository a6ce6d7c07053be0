import type { Pod } from "#api/generated/core-v1.ts";
import type { PodHealth, Waiting } from "./pod-plan.ts";
import type { ResizeState } from "./resize.ts";
import type { ObservedPod } from "./runtime/observed.ts";

/** What a pod's status is made from. */
export interface StatusInput {
  /** With the status that the kubelet knows last: the new one keeps from it what the runtime has forgotten. */
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly health: PodHealth;
  /** Containers that wait for more than their turn, by name. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Names of containers whose start, hooks included, is under way. */
  readonly starting: ReadonlySet<string>;
  /** Nothing runs any more and nothing will be started. */
  readonly ended: boolean;
  /** The node ended the pod (deadline, eviction): why. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** The pod is to have something else than it has: how that stands. */
  readonly resize?: ResizeState;
  /** Such as `containerd`: container ids read `containerd://<id>`. */
  readonly runtimeName: string;
  /** The node's own addresses, first the one of the first family. */
  readonly hostIPs: readonly string[];
  readonly now: number;
}
