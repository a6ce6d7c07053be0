import { equal } from "#machinery/equality.ts";
import { isWanted, termSelects } from "../node-selection.ts";
import { type Plugin, refuse, shareOfBest } from "../plugin.ts";

/** Puts pods on the nodes they ask for by labels, and rather on those they prefer. */
export const nodeAffinity: Plugin = {
  name: "NodeAffinity",
  filter: ({ pod }, node) => (isWanted(pod, node) ? undefined : refuse(true, "node(s) didn't match Pod's node affinity/selector")),
  score({ pod }, node) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.reduce((sum, { weight, preference }) => sum + (termSelects(preference, node) ? weight : 0), 0);
  },
  normalize: shareOfBest,
  mayHelp: (_pod, change) =>
    change.what === "node-added" || (change.what === "node-updated" && !equal(change.before.metadata.labels, change.node.metadata.labels)),
};
