import { selects } from "#api/core/node-selector.ts";
import type { Pod } from "#api/core/pod.ts";
import type { NodeInfo } from "./node-info.ts";

export { selects, termSelects } from "#api/core/node-selector.ts";

/** Whether the node is one that the pod asks for, by nodeSelector and by required node affinity. */
export function isWanted(pod: Pod, node: NodeInfo): boolean {
  const labels = Object.entries(pod.spec.nodeSelector ?? {});
  if (!labels.every(([key, value]) => node.labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || selects(required, node);
}
