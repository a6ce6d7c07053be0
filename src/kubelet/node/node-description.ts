import type { Node, NodeAddress, NodeSystemInfo, Taint } from "#api/generated/core-v1.ts";
import type { New } from "#machinery/kind.ts";
import { type ResourceList, subtractResources } from "#machinery/resource-list.ts";

/** What a node says of itself for as long as its kubelet runs. */
export interface NodeDescription {
  readonly name: string;
  readonly addresses: readonly NodeAddress[];
  /** Beside the well-known ones. */
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  /** For a node that is new to the API. */
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly providerID?: string;
  /** Where its pods get their addresses, where that is settled; otherwise a controller decides. */
  readonly podCIDR?: string;
  readonly capacity: ResourceList;
  /** What pods may not have of it. */
  readonly reserved?: ResourceList;
  readonly info: Omit<NodeSystemInfo, "containerRuntimeVersion">;
  /** Where the kubelet's own server listens. */
  readonly kubeletPort: number;
}

/** The addresses that pods in the host's network have, the main one first. */
export function hostIPs(node: NodeDescription): readonly string[] {
  return node.addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address);
}

export function allocatable(node: NodeDescription): ResourceList {
  const reserved = Object.fromEntries(Object.entries(node.reserved ?? {}).filter(([name]) => name in node.capacity));
  return subtractResources(node.capacity, reserved);
}

/** Labels that every node of this kind has (API reference: well-known labels). */
export function nodeLabels(node: NodeDescription): { readonly [key: string]: string } {
  const { operatingSystem, architecture } = node.info;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": operatingSystem,
    ...node.labels,
  };
}

/** The object with which a node registers. */
export function newNode(node: NodeDescription): New<Node> {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      labels: nodeLabels(node),
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true", ...node.annotations },
    },
    spec: {
      ...(node.taints === undefined ? {} : { taints: node.taints }),
      ...(node.providerID === undefined ? {} : { providerID: node.providerID }),
      ...(node.podCIDR === undefined ? {} : { podCIDR: node.podCIDR, podCIDRs: [node.podCIDR] }),
      ...(node.unschedulable === undefined ? {} : { unschedulable: node.unschedulable }),
    },
  };
}
