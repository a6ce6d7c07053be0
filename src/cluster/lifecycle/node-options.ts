import { systemClock } from "#machinery/clock.ts";
import type { ClusterRecord } from "../clusters.ts";
import { run } from "../nodes/command.ts";
import type { PlatformOptions } from "../nodes/platform.ts";
import { clusterPaths, nodeNames } from "../paths.ts";

/** What the platform of a node is made from. @throws Error for a node that the cluster does not have */
export function platformOptions(record: ClusterRecord, node: string): PlatformOptions {
  const nodeNumber = nodeNames(record.nodes).indexOf(node) + 1;
  if (nodeNumber === 0) throw new Error(`cluster ${record.name} has no node ${node}`);
  const directory = clusterPaths(record.dataDirectory).node(node);
  return { cluster: record.name, clusterIndex: record.index, node, nodeNumber, directory, clock: systemClock, run };
}
