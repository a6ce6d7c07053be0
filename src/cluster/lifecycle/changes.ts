import { equal } from "#machinery/equality.ts";
import type { ClusterRecord } from "../clusters.ts";

/** Which processes of a running cluster have to start anew to become what is wanted. */
export interface Restarts {
  readonly controlPlane: boolean;
  readonly nodes: boolean;
}

type Wanted = Omit<ClusterRecord, "index">;

/**
 * The control plane runs the simulated nodes, and is reachable from nodes with containers only where there are any; those know the API's port.
 * Nodes that come or go concern no other.
 */
export function restarts(known: ClusterRecord | undefined, wanted: Wanted): Restarts {
  if (!known) return { controlPlane: false, nodes: false };
  const nodes = known.port !== wanted.port;
  const isOtherFleet = known.simulatedNodes !== wanted.simulatedNodes || !equal(known.fleet, wanted.fleet);
  const hasOthers = isOtherFleet || known.nodes > 0 !== wanted.nodes > 0;
  const hasOtherVersions = known.runtimeConfig !== wanted.runtimeConfig;
  return { controlPlane: nodes || hasOthers || hasOtherVersions, nodes };
}

/** Of the names of nodes those that `knarr` once gave and the cluster has no more. */
export function surplusNodes(names: readonly string[], wanted: Pick<ClusterRecord, "nodes" | "simulatedNodes">): readonly string[] {
  const counts: Readonly<Record<string, number>> = { node: wanted.nodes, sim: wanted.simulatedNodes };
  return names.filter((name) => {
    const [, series = "", number] = /^(node|sim)-(\d+)$/.exec(name) ?? [];
    return Number(number) > (counts[series] ?? Number.POSITIVE_INFINITY);
  });
}
