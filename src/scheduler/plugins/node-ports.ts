import type { HostPort, NodeInfo } from "../node-info.ts";
import { type Plugin, refuse } from "../plugin.ts";

/** Gives each host port of a node to one pod only. */
export const nodePorts: Plugin<true> = {
  name: "NodePorts",
  prepare: ({ hostPorts }) => (hostPorts.length === 0 ? undefined : true),
  filter: ({ hostPorts }, node) =>
    hostPorts.some((port) => isTaken(port, node)) ? refuse(false, "node(s) didn't have free ports for the requested pod ports") : undefined,
  mayHelp: (_pod, { what }) => what === "node-added" || what === "pod-removed",
};

function isTaken(wanted: HostPort, node: NodeInfo): boolean {
  for (const { hostPorts } of node.pods.values()) {
    if (hostPorts.some((held) => clash(held, wanted))) return true;
  }
  return false;
}

function clash(one: HostPort, other: HostPort): boolean {
  const sameAddress = one.address === other.address || one.address === "0.0.0.0" || other.address === "0.0.0.0";
  return sameAddress && one.protocol === other.protocol && one.port === other.port;
}
