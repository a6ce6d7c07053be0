import { type SelectableNode, selects } from "#api/core/node-selector.ts";
import type { Pod } from "#api/core/pod.ts";

export { selects, termSelects } from "#api/core/node-selector.ts";

/** Whether the node is one that the pod asks for, by nodeSelector and by required node affinity. */
export function isWanted({ spec }: Pod, node: SelectableNode): boolean {
  const { nodeSelector } = spec;
  for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || selects(required, node);
}

/** Names of the only nodes that the pod may go to, where each term of its required affinity names some, as pods of daemon sets do. */
export function onlyNodes({ spec }: Pod): ReadonlySet<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === "metadata.name" && operator === "In").map(({ values = [] }) => values);
    if (named.length === 0) return undefined;
    for (const name of named[0] ?? []) if (named.every((values) => values.includes(name))) names.add(name);
  }
  return names;
}
