import { isWanted, onlyNodes, termSelects } from "../node-selection.ts";
import { type Plugin, shareOfBest } from "../plugin.ts";
import { refusal } from "../refusals.ts";
import type { PreferredSchedulingTerm } from "#api/generated/core-v1.ts";

const unwanted = refusal("NodeAffinity", true, "node(s) didn't match Pod's node affinity/selector");

/** Puts pods on the nodes they ask for by labels, and rather on those they prefer. */
export const nodeAffinity: Plugin<true, readonly PreferredSchedulingTerm[]> = {
  name: "NodeAffinity",
  isLocal: true,
  candidates: ({ pod }) => onlyNodes(pod),
  prepare({ pod: { spec } }) {
    const asks = spec.nodeSelector !== undefined || spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
    return asks ? true : undefined;
  },
  filter: ({ pod }, node) => (isWanted(pod, node) ? undefined : unwanted),
  prepareScore({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    return preferred?.length ? preferred : undefined;
  },
  score: (_pod, node, preferred) => preferred.reduce((sum, { weight, preference }) => sum + (termSelects(preference, node) ? weight : 0), 0),
  normalize: shareOfBest,
  mayHelp({ pod }, change) {
    if (change.what !== "node-added" && !(change.what === "node-updated" && change.differences.labels)) return false;
    return isWanted(pod, { name: change.node.metadata.name, labels: change.node.metadata.labels ?? {} });
  },
};
