import { existsSync, readFileSync } from "node:fs";
import { Claims } from "../claims.ts";
import type { ClusterRecord } from "../clusters.ts";
import { freeNetworkIndex, routedNetworks } from "../network-plan.ts";
import { clustersOfThisMachine } from "./find-cluster.ts";

const claims = new Claims();

/**
 * The cluster's place on this machine: an index for its network, which no other cluster has and no route of the host is in the way of, and
 * its name. Only nodes with containers use either, and only root has those. @throws SetupError where another cluster has it
 */
export function settle(wanted: Omit<ClusterRecord, "index">, known: ClusterRecord | undefined): ClusterRecord {
  const record = { ...wanted, index: known?.index ?? freeIndex(new Set()) };
  if (record.nodes === 0) return record;
  claims.demand("name", record.name, record.dataDirectory);
  if (known) {
    claims.demand("network", String(known.index), record.dataDirectory);
    return record;
  }
  const refused = new Set<number>();
  for (let { index } = record; ; index = freeIndex(refused)) {
    if (claims.take("network", String(index), record.dataDirectory)) return { ...record, index };
    refused.add(index);
  }
}

/** Whether the network of this cluster's index is its own: a cluster that never had nodes with containers has none. */
export function hasNetwork({ index, dataDirectory }: ClusterRecord): boolean {
  return claims.holder("network", String(index)) === dataDirectory;
}

/** Gives the place back. */
export function unsettle({ dataDirectory }: ClusterRecord): void {
  claims.release(dataDirectory);
}

/** @throws Error when there is none left. */
function freeIndex(refused: ReadonlySet<number>): number {
  const used = new Set([...refused, ...clustersOfThisMachine().list().map(({ index }) => index)]);
  const routes = existsSync("/proc/net/route") ? routedNetworks(readFileSync("/proc/net/route", "utf8")) : [];
  return freeNetworkIndex(used, routes);
}
