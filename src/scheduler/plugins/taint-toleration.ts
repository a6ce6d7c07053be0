import { tolerates } from "#api/core/toleration.ts";
import { type Plugin, shareReversed } from "../plugin.ts";
import { refusal } from "../refusals.ts";

const unborne = refusal("TaintToleration", true, "node(s) had untolerated taint(s)");

/** Keeps pods off nodes whose taints they do not bear, and prefers nodes with fewer taints of the softer kind. */
export const taintToleration: Plugin = {
  name: "TaintToleration",
  isLocal: true,
  filter({ pod }, { hardTaints }) {
    if (hardTaints.length === 0) return undefined;
    return hardTaints.every((taint) => tolerates(pod.spec.tolerations, taint)) ? undefined : unborne;
  },
  score({ pod }, { softTaints }) {
    if (softTaints.length === 0) return 0;
    const tolerations = pod.spec.tolerations?.filter(({ effect }) => !effect || effect === "PreferNoSchedule");
    return softTaints.filter((taint) => !tolerates(tolerations, taint)).length;
  },
  normalize: shareReversed,
  mayHelp: (_pod, change) => change.what === "node-added" || (change.what === "node-updated" && change.differences.taints),
};
