import type { Pod } from "#api/generated/core-v1.ts";

/** The lines of a resolv.conf. */
export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  /** Addresses of the cluster's DNS; none: the cluster has none yet. */
  readonly servers: readonly string[];
  /** Such as `cluster.local`. */
  readonly domain: string;
}

const mostServers = 3;
const mostSearches = 32;

/** How names are looked up in a pod (Kubernetes "Pod's DNS Policy"). @param node the node's own configuration */
export function podDns(pod: Pod, cluster: ClusterDns, node: DnsConfig): DnsConfig {
  const { dnsPolicy, dnsConfig, hostNetwork } = pod.spec;
  const asksCluster = dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && hostNetwork !== true);
  const base = dnsPolicy === "None" ? nothing : asksCluster && cluster.servers.length > 0 ? clusterFirst(pod, cluster, node) : node;
  const options = new Map(base.options.map((option) => [optionName(option), option]));
  for (const { name = "", value } of dnsConfig?.options ?? []) options.set(name, value === undefined || value === "" ? name : `${name}:${value}`);
  return {
    servers: unique([...base.servers, ...dnsConfig?.nameservers ?? []]).slice(0, mostServers),
    searches: unique([...base.searches, ...dnsConfig?.searches ?? []]).slice(0, mostSearches),
    options: [...options.values()],
  };
}

const nothing: DnsConfig = { servers: [], searches: [], options: [] };

function clusterFirst(pod: Pod, { servers, domain }: ClusterDns, node: DnsConfig): DnsConfig {
  const own = [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers, searches: [...own, ...node.searches], options: ["ndots:5"] };
}

function optionName(option: string): string {
  return option.split(":")[0] ?? option;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Reads a resolv.conf (resolv.conf(5)): the last `search` or `domain` line counts. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.replace(/[#;].*$/, "").trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    if (keyword === "search" || keyword === "domain") searches = values.filter((value) => value !== ".");
    if (keyword === "options") options = values;
  }
  return { servers: servers.slice(0, mostServers), searches, options };
}
