import type { Node } from "#api/core/node.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import { equal } from "#machinery/equality.ts";
import type { PodInfo } from "./pod-info.ts";

/** What of a node can matter for placing pods: not its heartbeats. */
export interface NodeDifferences {
  readonly allocatable: boolean;
  readonly labels: boolean;
  readonly taints: boolean;
  readonly unschedulable: boolean;
}

/** Something happened that may let a pod fit which did not. `pod` is one on a node. */
export type ClusterChange =
  | { readonly what: "node-added"; readonly node: Node }
  | { readonly what: "node-updated"; readonly node: Node; readonly differences: NodeDifferences }
  | { readonly what: "node-removed"; readonly node: Node }
  | { readonly what: "pod-placed"; readonly pod: PodInfo }
  | { readonly what: "pod-updated"; readonly pod: PodInfo; readonly before: PodInfo }
  | { readonly what: "pod-removed"; readonly pod: PodInfo }
  | { readonly what: "claim-changed"; readonly claim: ResourceClaim; readonly before: ResourceClaim | undefined }
  | { readonly what: "object-changed"; readonly kind: string; readonly namespace: string; readonly name: string };

/** @returns `undefined` where nothing differs that matters */
export function nodeDifferences(before: Node, after: Node): NodeDifferences | undefined {
  const differences = {
    allocatable: !equal(before.status.allocatable, after.status.allocatable),
    labels: !equal(before.metadata.labels, after.metadata.labels),
    taints: !equal(before.spec.taints, after.spec.taints),
    unschedulable: before.spec.unschedulable !== after.spec.unschedulable,
  };
  return Object.values(differences).includes(true) ? differences : undefined;
}
