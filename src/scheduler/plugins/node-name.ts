import { type Plugin, refuse } from "../plugin.ts";

/** A pod that names its node goes nowhere else. */
export const nodeName: Plugin = {
  name: "NodeName",
  filter({ pod }, node) {
    const wanted = pod.spec.nodeName;
    return !wanted || wanted === node.name ? undefined : refuse(true, "node(s) didn't match the requested node name");
  },
  mayHelp: (_pod, { what }) => what === "node-added",
};
