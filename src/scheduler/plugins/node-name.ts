import type { Plugin } from "../plugin.ts";
import { refusal } from "../refusals.ts";

const another = refusal("NodeName", true, "node(s) didn't match the requested node name");

/** A pod that names its node goes nowhere else. */
export const nodeName: Plugin<string> = {
  name: "NodeName",
  isLocal: true,
  prepare: ({ pod }) => pod.spec.nodeName || undefined,
  filter: (_pod, node, wanted) => (wanted === node.name ? undefined : another),
  mayHelp: (_pod, { what }) => what === "node-added",
};
