import { tolerates } from "#api/core/toleration.ts";
import type { Plugin } from "../plugin.ts";
import { refusal } from "../refusals.ts";

const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;
const unschedulable = refusal("NodeUnschedulable", true, "node(s) were unschedulable");

/** Keeps pods off cordoned nodes, unless they bear that. */
export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  isLocal: true,
  filter({ pod }, { node }) {
    return node.spec.unschedulable === true && !tolerates(pod.spec.tolerations, taint) ? unschedulable : undefined;
  },
  mayHelp: (_pod, change) => {
    if (change.what === "node-added") return change.node.spec.unschedulable !== true;
    return change.what === "node-updated" && change.differences.unschedulable && change.node.spec.unschedulable !== true;
  },
};
