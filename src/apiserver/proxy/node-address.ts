import type { Node } from "#api/core/node.ts";
import { serviceUnavailable } from "#machinery/status-error.ts";

/** The kinds of address by which a kubelet is looked for, the best first. */
const preferred: readonly string[] = ["InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS"];
const usualPort = 10_250;

/** Where a node's kubelet listens. @throws StatusError (503) where the node does not say */
export function kubeletAddressOf({ metadata, status }: Node): { readonly host: string; readonly port: number } {
  const addresses = status.addresses ?? [];
  for (const type of preferred) {
    const host = addresses.find((address) => address.type === type)?.address;
    if (host) return { host, port: status.daemonEndpoints?.kubeletEndpoint?.Port || usualPort };
  }
  throw serviceUnavailable(`no preferred addresses found for node ${JSON.stringify(metadata.name)}; known addresses: []`);
}
