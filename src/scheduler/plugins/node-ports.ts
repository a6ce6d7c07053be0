import type { Plugin } from "../plugin.ts";
import { refusal } from "../refusals.ts";

const taken = refusal("NodePorts", false, "node(s) didn't have free ports for the requested pod ports");

/** Gives each host port of a node to one pod only. */
export const nodePorts: Plugin<true> = {
  name: "NodePorts",
  isLocal: true,
  prepare: ({ hostPorts }) => (hostPorts.length === 0 ? undefined : true),
  filter: ({ hostPorts }, node) => (node.holdsAny(hostPorts) ? taken : undefined),
  mayHelp: ({ hostPorts }, change) => {
    if (change.what !== "pod-removed") return change.what === "node-added";
    return change.pod.hostPorts.some(({ port, protocol }) => hostPorts.some((wanted) => wanted.port === port && wanted.protocol === protocol));
  },
};
