import type { NetworkPolicy as NetworkPolicyObject } from "../generated/networking-v1.ts";
import { selectorText } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateNetworkPolicy } from "./validation/network-policy.ts";

export type NetworkPolicy = NetworkPolicyObject;

export const NetworkPolicy = defineKind<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  scope: "Namespaced",
  message: "networking/v1.NetworkPolicy",
  shortNames: ["netpol"],
  columns: [{ name: "Pod-Selector", type: "string", description: "Pods that it is about.", value: ({ spec }) => selectorText(spec.podSelector) }],
  defaults({ spec }) {
    if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = ["Ingress", ...((spec.egress ?? []).length > 0 ? ["Egress"] : [])];
  },
  validate: validateNetworkPolicy,
});
