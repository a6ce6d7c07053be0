import type { NodeAffinityArgs } from "#api/generated/schedulerconfig-v1.ts";
import type { PreferredSchedulingTerm } from "#api/generated/core-v1.ts";
import { isWanted, onlyNodes, selects, termSelects } from "../node-selection.ts";
import { type Plugin, shareOfBest } from "../plugin.ts";
import { refusal } from "../refusals.ts";

const unwanted = refusal("NodeAffinity", true, "node(s) didn't match Pod's node affinity/selector");
const notAllowed = refusal("NodeAffinity", true, "node(s) didn't match scheduler-enforced node affinity");

/**
 * Puts pods on the nodes they ask for by labels, and rather on those they prefer.
 * @param addedAffinity what every pod asks for besides
 */
export function nodeAffinity({ addedAffinity }: NodeAffinityArgs = {}): Plugin<true, readonly PreferredSchedulingTerm[]> {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    name: "NodeAffinity",
    isLocal: true,
    candidates: ({ pod }) => onlyNodes(pod),
    prepare({ pod: { spec } }) {
      const asks = spec.nodeSelector !== undefined || spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
      return asks || enforced ? true : undefined;
    },
    filter({ pod }, node) {
      if (enforced && !selects(enforced, node)) return notAllowed;
      return isWanted(pod, node) ? undefined : unwanted;
    },
    prepareScore({ pod }) {
      const own = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      const preferred = [...own, ...(addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])];
      return preferred.length === 0 ? undefined : preferred;
    },
    score: (_pod, node, preferred) => preferred.reduce((sum, { weight, preference }) => sum + (termSelects(preference, node) ? weight : 0), 0),
    normalize: shareOfBest,
    mayHelp({ pod }, change) {
      if (change.what !== "node-added" && !(change.what === "node-updated" && change.differences.labels)) return false;
      return isWanted(pod, { name: change.node.metadata.name, labels: change.node.metadata.labels ?? {} });
    },
  };
}
