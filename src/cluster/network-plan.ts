import { SetupError } from "./setup/setup-error.ts";

/**
 * Every address of a cluster, from its index and its nodes' numbers alone.
 *
 *              i = 0            i = 1 … 63
 *   pods       10.244.0.0/16    10.(244-i).0.0/16     181 … 244; node n has the /24 numbered n
 *   services   10.96.0.0/16     10.(96+i).0.0/16       96 … 159; .0.1 is the API, .0.10 the DNS
 *   nodes      10.89.0.0/24     10.89.i.0/24          .1 is the host, .10+n is node n
 */
export interface ClusterNetwork {
  readonly index: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly nodeCidr: string;
  /** The `kubernetes` service. */
  readonly apiServiceAddress: string;
  readonly dnsServiceAddress: string;
  /** The bridge in the host's network namespace that every node hangs on. */
  readonly bridge: string;
  /** The host on that bridge: where nodes and pods find the API server. */
  readonly hostAddress: string;
  /** The nftables table in the host's network namespace. */
  readonly table: string;
}

export interface NodeNetwork {
  /** 1 … MAXIMUM_NODES, unique in its cluster. */
  readonly number: number;
  readonly address: string;
  readonly podCidr: string;
  /** The host's end of the veth pair; the node's end is `eth0`. */
  readonly hostInterface: string;
}

export const MAXIMUM_CLUSTERS = 64;
export const MAXIMUM_NODES = 240;

export function clusterNetwork(index: number): ClusterNetwork {
  if (!Number.isInteger(index) || index < 0 || index >= MAXIMUM_CLUSTERS) {
    throw new RangeError(`a cluster's network index is 0 to ${MAXIMUM_CLUSTERS - 1}, not ${index}`);
  }
  return {
    index,
    podCidr: `10.${244 - index}.0.0/16`,
    serviceCidr: `10.${96 + index}.0.0/16`,
    nodeCidr: `10.89.${index}.0/24`,
    apiServiceAddress: `10.${96 + index}.0.1`,
    dnsServiceAddress: `10.${96 + index}.0.10`,
    bridge: `knarr${index}`,
    hostAddress: `10.89.${index}.1`,
    table: `knarr-${index}`,
  };
}

export function nodeNetwork(cluster: ClusterNetwork, number: number): NodeNetwork {
  if (!Number.isInteger(number) || number < 1 || number > MAXIMUM_NODES) {
    throw new RangeError(`a node's number is 1 to ${MAXIMUM_NODES}, not ${number}`);
  }
  return {
    number,
    address: `10.89.${cluster.index}.${10 + number}`,
    podCidr: `10.${244 - cluster.index}.${number}.0/24`,
    hostInterface: `${cluster.bridge}n${number}`,
  };
}

/** A hardware address that is ours alone on its bridge, so that neighbours' caches stay right when a node is made anew. */
export function hardwareAddress(cluster: ClusterNetwork, address: string): string {
  const last = Number(address.slice(address.lastIndexOf(".") + 1));
  return ["02", "6b", "6e", "00", hexadecimal(cluster.index), hexadecimal(last)].join(":");
}

/**
 * The lowest index that no other cluster uses and whose networks clash with none of the host's.
 * @throws SetupError when there is none
 * @param occupied networks that the host has a route to, such as `10.0.0.0/8`; `default` is passed over.
 */
export function freeNetworkIndex(used: ReadonlySet<number>, occupied: readonly string[]): number {
  for (let index = 0; index < MAXIMUM_CLUSTERS; index++) {
    if (used.has(index)) continue;
    const { podCidr, serviceCidr, nodeCidr } = clusterNetwork(index);
    if (![podCidr, serviceCidr, nodeCidr].some((ours) => occupied.some((theirs) => overlaps(ours, theirs)))) return index;
  }
  throw new SetupError(`every network that a cluster could have is taken, by a route of this machine or one of ${used.size} clusters: delete one`);
}

/** The destinations in /proc/net/route, whose addresses are hexadecimal in the machine's byte order; without default routes. */
export function routedNetworks(table: string): string[] {
  const rows = table.trim().split("\n").slice(1).map((line) => line.split("\t"));
  return rows.filter(([, , , , , , , mask = ""]) => /[^0 ]/.test(mask)).map(([, destination = "", , , , , , mask = ""]) => {
    const octets = (destination.match(/../g) ?? []).toReversed().map((octet) => Number.parseInt(octet, 16));
    const prefix = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
    return `${octets.join(".")}/${prefix}`;
  });
}

/** Whether two IPv4 networks share an address. What is not an IPv4 network overlaps nothing. */
export function overlaps(one: string, other: string): boolean {
  const [first, second] = [parseNetwork(one), parseNetwork(other)];
  return first !== undefined && second !== undefined && first.from <= second.to && second.from <= first.to;
}

function parseNetwork(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1, 5).map(Number);
  const prefix = Number(match[5] ?? 32);
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const from = address - (address % size);
  return { from, to: from + size - 1 };
}

function hexadecimal(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
