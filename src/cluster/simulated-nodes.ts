import type { User } from "#apiserver/request.ts";
import { gitVersion } from "#apiserver/version.ts";
import type { Client } from "#client/client.ts";
import type { NodeDescription } from "#kubelet/node/node-description.ts";
import { simulatedNode } from "#kubelet/simulated-node.ts";
import type { Clock } from "#machinery/clock.ts";
import { type IpRange, parseCidr } from "#machinery/ip.ts";
import type { Random } from "#machinery/random.ts";
import type { Log } from "./logging.ts";

/** Nodes that have no containers carry this label. */
export const simulatedLabel = "knarr.dev/simulated";

export interface SimulatedNodesOptions {
  readonly count: number;
  clientFor(user: User): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Nodes sim-1, sim-2 … in this process: real kubelets over a runtime that only pretends. Returns how to stop them. */
export function startSimulatedNodes({ count, clientFor, clock, random, log }: SimulatedNodesOptions): () => Promise<void> {
  const kubelets = Array.from({ length: count }, (_, index) => {
    const podCidr = podCidrOf(index);
    const node = describe(index + 1, podCidr);
    const user = { name: `system:node:${node.name}`, groups: ["system:nodes", "system:authenticated"], extra: {} };
    return simulatedNode({
      client: clientFor(user), clock, random, node, podRange: rangeOf(podCidr),
      failed: (what, error) => log(`${node.name} could not ${what} and tries again`, error),
    }).kubelet;
  });
  for (const kubelet of kubelets) void kubelet.start();
  return async () => {
    await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
  };
}

function describe(number: number, podCIDR: string): NodeDescription {
  const name = `sim-${number}`;
  return {
    name,
    podCIDR,
    addresses: [{ type: "InternalIP", address: `100.127.${number >> 8}.${number & 255}` }, { type: "Hostname", address: name }],
    labels: { [simulatedLabel]: "true" },
    capacity: { cpu: "32", memory: "128Gi", "ephemeral-storage": "500Gi", pods: "250" },
    info: {
      machineID: name, systemUUID: name, bootID: name, kernelVersion: "simulated", osImage: "Knarr simulation",
      kubeletVersion: gitVersion, kubeProxyVersion: gitVersion, operatingSystem: "linux", architecture: "amd64",
    },
    kubeletPort: 10_250,
  };
}

/** A /24 of 100.64.0.0/10 (RFC 6598): enough for 16,000 nodes, and never a real pod's. */
function podCidrOf(index: number): string {
  return `100.${64 + (index >> 8)}.${index & 255}.0/24`;
}

function rangeOf(cidr: string): IpRange {
  const range = parseCidr(cidr);
  if (!range) throw new RangeError(`there are no addresses left for simulated nodes: ${cidr}`);
  return range;
}
