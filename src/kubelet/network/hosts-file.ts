import type { Pod } from "#api/generated/core-v1.ts";
import { podHostname } from "./pod-hostname.ts";

const loopback = [
  ["127.0.0.1", "localhost"], ["::1", "localhost ip6-localhost ip6-loopback"], ["fe00::", "ip6-localnet"], ["fe00::", "ip6-mcastprefix"],
  ["fe00::1", "ip6-allnodes"], ["fe00::2", "ip6-allrouters"],
] as const;

/**
 * The text of a pod's /etc/hosts (Kubernetes "Adding entries to Pod /etc/hosts").
 * @param nodeHosts the node's own file, which pods in the host's network see
 */
export function hostsFile(pod: Pod, podIPs: readonly string[], clusterDomain: string, nodeHosts: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => [ip, hostnames.join("\t")] as const);
  const added = aliases.length === 0 ? "" : `\n# Entries added by HostAliases.\n${lines(aliases)}`;
  if (pod.spec.hostNetwork === true) return `# Kubernetes-managed hosts file (host network).\n${nodeHosts.replace(/\n?$/, "\n")}${added}`;
  const { name, fullName } = podHostname(pod, clusterDomain);
  const own = podIPs.map((ip) => [ip, fullName === undefined ? name : `${fullName}\t${name}`] as const);
  return `# Kubernetes-managed hosts file.\n${lines([...loopback, ...own])}${added}`;
}

function lines(entries: readonly (readonly [ip: string, names: string])[]): string {
  return entries.map(([ip, names]) => `${ip}\t${names}\n`).join("");
}
