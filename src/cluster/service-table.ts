import type { ClusterNetwork } from "./network-plan.ts";

/** The nftables table with the rules of services, in the network namespaces of the host and of each node. */
export function serviceTable({ index }: ClusterNetwork): string {
  return `knarr-services-${index}`;
}
