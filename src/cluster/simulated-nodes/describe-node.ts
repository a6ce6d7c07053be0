import type { Fleet } from "#api/generated/simulation-v1.ts";
import { gitVersion } from "#apiserver/version.ts";
import type { NodeDescription } from "#kubelet/node/node-description.ts";
import { type IpRange, parseCidr } from "#machinery/ip.ts";
import { shapeOf } from "./fleet.ts";

/** Nodes that have no containers carry this label. */
export const simulatedLabel = "knarr.dev/simulated";

const usualCapacity = { cpu: "32", memory: "128Gi", "ephemeral-storage": "500Gi", pods: "250" };

/** The node sim-NUMBER, from 1, as the fleet has it. */
export function describeNode(number: number, fleet: Fleet): NodeDescription {
  const name = `sim-${number}`;
  const shape = shapeOf(fleet, number - 1);
  return {
    name,
    podCIDR: podCidrOf(number),
    addresses: [{ type: "InternalIP", address: `100.127.${number >> 8}.${number & 255}` }, { type: "Hostname", address: name }],
    labels: { [simulatedLabel]: "true", ...placeLabels(number, fleet), ...shape?.labels },
    capacity: { ...usualCapacity, ...shape?.capacity },
    info: {
      machineID: name, systemUUID: name, bootID: name, kernelVersion: "simulated", osImage: "Knarr simulation",
      kubeletVersion: gitVersion, kubeProxyVersion: gitVersion, operatingSystem: "linux", architecture: "amd64",
    },
    kubeletPort: 10_250,
    ...(shape?.annotations === undefined ? {} : { annotations: shape.annotations }),
    ...(shape?.taints === undefined ? {} : { taints: shape.taints }),
  };
}

function placeLabels(number: number, { region, zones = [] }: Fleet): { [key: string]: string } {
  const zone = zones[(number - 1) % Math.max(1, zones.length)];
  return {
    ...(region === undefined ? {} : { "topology.kubernetes.io/region": region }),
    ...(zone === undefined ? {} : { "topology.kubernetes.io/zone": zone }),
  };
}

/** A /24 of 100.64.0.0/10 (RFC 6598): enough for 16,000 nodes, and never a real pod's. */
function podCidrOf(number: number): string {
  const index = number - 1;
  return `100.${64 + (index >> 8)}.${index & 255}.0/24`;
}

/** @throws RangeError beyond 16,000 nodes */
export function podRangeOf({ podCIDR = "" }: NodeDescription): IpRange {
  const range = parseCidr(podCIDR);
  if (!range) throw new RangeError(`there are no addresses left for simulated nodes: ${podCIDR}`);
  return range;
}
