import { existsSync, readdirSync } from "node:fs";
import type { ClusterRecord } from "../clusters.ts";
import { clusterPaths, nodeNames } from "../paths.ts";
import type { Service } from "../processes.ts";
import { programCommand } from "../programs.ts";

/** The control plane of a cluster as a background process. */
export function controlPlaneService(record: Pick<ClusterRecord, "name" | "dataDirectory">): Service {
  const command = [...programCommand("control-plane"), "--cluster", record.name];
  return { name: "control-plane", directory: clusterPaths(record.dataDirectory).processes, command };
}

/** The nodes with containers of a cluster: a process each, which stands in the node's own network namespace. */
export function nodeServices(record: ClusterRecord): readonly Service[] {
  return nodeNames(record.nodes).map((name) => nodeService(record, name));
}

/** Also of nodes that an earlier `up --nodes` made and a later one took away, but could not quite. */
export function nodesEver(record: ClusterRecord): readonly string[] {
  const { nodes } = clusterPaths(record.dataDirectory);
  return [...new Set([...nodeNames(record.nodes), ...(existsSync(nodes) ? readdirSync(nodes) : [])])];
}

export function nodeService(record: Pick<ClusterRecord, "name" | "dataDirectory">, name: string): Service {
  const which = ["--cluster", record.name, "--node", name];
  const quoted = (program: string): string => [...programCommand(program), ...which].map((word) => `'${word}'`).join(" ");
  // The first program makes the ground (namespace, network, containerd) and prints what to put before the second.
  const command = ["/bin/sh", "-c", `inside=$(${quoted("node-platform")}) || exit $?; exec $inside ${quoted("node")}`];
  return { name, directory: clusterPaths(record.dataDirectory).processes, command };
}
