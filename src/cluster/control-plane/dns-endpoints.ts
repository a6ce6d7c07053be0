import { Node } from "#api/core/node.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Runnable } from "#controller-manager/controller.ts";
import { defineController } from "#controller-manager/runtime.ts";
import { equal } from "#machinery/equality.ts";
import type { New } from "#machinery/kind.ts";
import { dnsAccount } from "../certificates/node-certificates.ts";
import { simulatedLabel } from "../simulated-nodes/describe-node.ts";
import { dnsServiceName } from "./system-services.ts";

const namespace = "kube-system";
const sliceName = "kube-dns-nodes";

/** What cluster DNS reads, as its service account in kube-system. */
export const dnsPermissions = {
  name: dnsAccount,
  permissions: [
    { apiGroups: [""], resources: ["services", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ],
};

/** Points the service kube-dns to the DNS server on every node that has one. */
export const dnsEndpoints: Runnable = defineController({
  name: "dns-endpoints",
  permissions: [
    { apiGroups: [""], resources: ["services", "nodes"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch", "create", "update"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
  ],
  kind: Service,
  watches: [{ kind: Node, keys: () => [`${namespace}/${dnsServiceName}`] }, { kind: EndpointSlice, keys: () => [] }],
  observe: (service, caches) => ({
    isDns: service.metadata.namespace === namespace && service.metadata.name === dnsServiceName,
    nodes: [...caches.of(Node).list()],
    slice: caches.of(EndpointSlice).get(namespace, sliceName),
  }),
  reconcile(_service, { isDns, nodes, slice }) {
    if (!isDns) return {};
    const endpoints = nodes.flatMap(endpointOf).toSorted((a, b) => (a.nodeName < b.nodeName ? -1 : 1));
    if (!slice) return { writes: [{ do: "create", kind: EndpointSlice, object: newSlice(endpoints) }] };
    if (equal(slice.endpoints ?? [], endpoints)) return {};
    const object: EndpointSlice = { ...slice, endpoints };
    return { writes: [{ do: "update", kind: EndpointSlice, object }] };
  },
});

function newSlice(endpoints: EndpointSlice["endpoints"]): New<EndpointSlice> {
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { name: sliceName, namespace, labels: { "kubernetes.io/service-name": dnsServiceName } },
    addressType: "IPv4", endpoints, ports: [{ name: "dns", port: 53, protocol: "UDP" }, { name: "dns-tcp", port: 53, protocol: "TCP" }],
  };
}

function endpointOf({ metadata, status }: Node): { addresses: string[]; nodeName: string; conditions: { ready: boolean } }[] {
  const address = status.addresses?.find(({ type }) => type === "InternalIP")?.address;
  if (address === undefined || metadata.labels?.[simulatedLabel] !== undefined) return [];
  return [{ addresses: [address], nodeName: metadata.name, conditions: { ready: true } }];
}
