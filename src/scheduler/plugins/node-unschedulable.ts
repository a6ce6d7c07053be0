import { tolerates } from "#api/core/toleration.ts";
import { type Plugin, refuse } from "../plugin.ts";

const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** Keeps pods off cordoned nodes, unless they bear that. */
export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  filter({ pod }, { node }) {
    if (node.spec.unschedulable !== true || tolerates(pod.spec.tolerations, taint)) return undefined;
    return refuse(true, "node(s) were unschedulable");
  },
  mayHelp: (_pod, change) => change.what === "node-added" || (change.what === "node-updated" && change.before.spec.unschedulable === true),
};
