import { systemClock } from "#machinery/clock.ts";
import type { ClusterRecord } from "../clusters.ts";
import { run } from "../nodes/command.ts";
import type { PlatformOptions } from "../nodes/platform.ts";
import { clusterPaths } from "../paths.ts";

/** What the platform of a node is made from, also of one that is to be taken away. @throws Error for what is no node's name */
export function platformOptions(record: ClusterRecord, node: string): PlatformOptions {
  const nodeNumber = Number(/^node-([1-9]\d*)$/.exec(node)?.[1]);
  if (Number.isNaN(nodeNumber)) throw new Error(`"${node}" is not the name of a node with containers`);
  const directory = clusterPaths(record.dataDirectory).node(node);
  return { cluster: record.name, clusterIndex: record.index, node, nodeNumber, directory, clock: systemClock, run };
}
