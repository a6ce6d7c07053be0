import { tolerates } from "#api/core/toleration.ts";
import { equal } from "#machinery/equality.ts";
import { type Plugin, refuse, shareReversed } from "../plugin.ts";

/** Keeps pods off nodes whose taints they do not bear, and prefers nodes with fewer taints of the softer kind. */
export const taintToleration: Plugin = {
  name: "TaintToleration",
  filter({ pod }, { node }) {
    const hard = (node.spec.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
    const unborne = hard.find((taint) => !tolerates(pod.spec.tolerations, taint));
    return unborne && refuse(true, "node(s) had untolerated taint(s)");
  },
  score({ pod }, { node }) {
    const soft = (node.spec.taints ?? []).filter(({ effect }) => effect === "PreferNoSchedule");
    return soft.filter((taint) => !tolerates(pod.spec.tolerations, taint)).length;
  },
  normalize: shareReversed,
  mayHelp: (_pod, change) =>
    change.what === "node-added" || (change.what === "node-updated" && !equal(change.before.spec.taints, change.node.spec.taints)),
};
