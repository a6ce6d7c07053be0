import type { NodeNetwork } from "../network-plan.ts";
import type { PlatformLayout } from "./layout.ts";
import type { Machine } from "./machine.ts";

/**
 * The network of a node's pods (CNI specification 1.0): a bridge inside the node's network namespace, addresses from
 * the node's pod CIDR, host ports. Nothing is masqueraded here: a pod keeps its address all the way to another pod,
 * and the host masquerades what leaves the cluster.
 */
export function cniConfiguration(node: NodeNetwork, layout: PlatformLayout, machine: Machine): object {
  return {
    cniVersion: "0.4.0",
    name: layout.networkNamespace,
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        mtu: machine.mtu,
        ipam: {
          type: "host-local",
          dataDir: layout.cniState,
          ranges: [[{ subnet: node.podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  };
}
