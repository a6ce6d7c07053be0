import type { Node } from "#api/core/node.ts";

/** Taints that follow from what a node says of itself (Kubernetes "Taints and Tolerations"). */
export const notReadyTaint = "node.kubernetes.io/not-ready";
export const unreachableTaint = "node.kubernetes.io/unreachable";

/** "True", "False", "Unknown"; `undefined` where the node has never said. */
export function nodeCondition({ status }: Node, type: string): string | undefined {
  return status.conditions?.find((condition) => condition.type === type)?.status;
}
