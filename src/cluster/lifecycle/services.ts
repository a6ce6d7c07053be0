import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterRecord } from "../clusters.ts";
import { clusterPaths, nodeNames } from "../paths.ts";
import type { Service } from "../processes.ts";

/** The control plane of a cluster as a background process. */
export function controlPlaneService(record: ClusterRecord): Service {
  const command = [process.execPath, ...nodeOptions, program("control-plane"), "--cluster", record.name];
  return { name: "control-plane", directory: clusterPaths(record.dataDirectory).processes, command };
}

/** The nodes with containers of a cluster: a process each, which stands in the node's own network namespace. */
export function nodeServices(record: ClusterRecord): readonly Service[] {
  return nodeNames(record.nodes).map((name) => nodeService(record, name));
}

function nodeService(record: ClusterRecord, name: string): Service {
  const parameters = ["--cluster", record.name, "--node", name];
  // The first program makes the ground (namespace, network, containerd) and prints what to put before the second.
  const script = `inside=$("$0" "$1" ${parameters.join(" ")}) || exit $?; exec $inside "$0" ${nodeOptions.join(" ")} "$2" ${parameters.join(" ")}`;
  const command = ["/bin/sh", "-c", script, process.execPath, program("node-platform"), program("node")];
  return { name, directory: clusterPaths(record.dataDirectory).processes, command };
}

/** Small young generation: these processes idle most of the time, and memory counts more than a little garbage collection. */
const nodeOptions = ["--max-semi-space-size=8", "--enable-source-maps"];

function program(name: string): string {
  return path.join(path.dirname(entry()), `${name}.js`);
}

/** The bundle's entry lies beside its siblings. */
function entry(): string {
  return process.argv[1] ?? fileURLToPath(import.meta.url);
}
