import { Endpoints } from "#api/core/endpoints.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { ServiceCIDR } from "#api/networking/service-cidr.ts";
import type { Client, Resource } from "#client/client.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { equal } from "#machinery/equality.ts";
import { isAlreadyExists, isNotFound } from "#machinery/status-error.ts";
import type { ServiceNetwork } from "./service-network.ts";

/** Name of the service of cluster DNS, in kube-system. */
export const dnsServiceName = "kube-dns";

/**
 * The services that every cluster has: `kubernetes`, which leads to the API, and `kube-dns`, and the range that services have their
 * addresses of. They are made, or made right again.
 */
export async function makeSystemServices(client: Client, network: ServiceNetwork): Promise<void> {
  const { apiServiceAddress, apiAddress, apiPort, dnsServiceAddress } = network;
  const kubernetes = { name: "kubernetes", namespace: "default" };
  const labels = { component: "apiserver", provider: "kubernetes" };
  await Promise.all([
    makeDefaultRange(client, network.serviceCidr),
    ensure(client.of(Service), {
      apiVersion: "v1", kind: "Service", metadata: { ...kubernetes, labels },
      spec: { clusterIP: apiServiceAddress, type: "ClusterIP", ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: apiPort }] },
    }),
    ensure(client.of(Endpoints), {
      apiVersion: "v1", kind: "Endpoints", metadata: { ...kubernetes, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
      subsets: [{ addresses: [{ ip: apiAddress }], ports: [{ name: "https", port: apiPort, protocol: "TCP" }] }],
    }),
    ensure(client.of(EndpointSlice), {
      apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { ...kubernetes, labels: { "kubernetes.io/service-name": "kubernetes" } },
      addressType: "IPv4",
      endpoints: [{ addresses: [apiAddress], conditions: { ready: true } }],
      ports: [{ name: "https", port: apiPort, protocol: "TCP" }],
    }),
    ensure(client.of(Service), {
      apiVersion: "v1", kind: "Service",
      metadata: { name: dnsServiceName, namespace: "kube-system", labels: { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" } },
      // Every node answers itself: endpoints are made by dns-endpoints.ts.
      spec: {
        clusterIP: dnsServiceAddress, type: "ClusterIP", internalTrafficPolicy: "Local",
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        ],
      },
    }),
  ]);
}

/** The range that services have their addresses of; who has given it a second family keeps that. */
async function makeDefaultRange(client: Client, serviceCidr: string): Promise<void> {
  const metadata = { name: "kubernetes" };
  try {
    await client.of(ServiceCIDR).create({ apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata, spec: { cidrs: [serviceCidr] } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Creates the object, or writes over what has become different. */
async function ensure<T extends KubeObject>(resource: Resource<T>, wanted: New<T>): Promise<void> {
  const { metadata, ...content } = wanted as New<KubeObject> & { readonly [field: string]: unknown };
  try {
    const present = (await resource.get(metadata?.namespace ?? "", metadata?.name ?? "")) as T & { readonly [field: string]: unknown };
    const merged = merge(present, content) as T;
    if (!equal(present, merged)) await resource.update(merged);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await resource.create(wanted);
  }
}

/** Objects merge field by field, everything else is taken from `wanted`. */
function merge(present: unknown, wanted: unknown): unknown {
  if (!isRecord(present) || !isRecord(wanted)) return wanted;
  return { ...present, ...Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, merge(present[key], value)])) };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
