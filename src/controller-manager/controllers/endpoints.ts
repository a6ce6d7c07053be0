import { Endpoints } from "#api/core/endpoints.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import type { EndpointAddress, EndpointPort, EndpointSubset } from "#api/generated/core-v1.ts";
import { canonicalJson } from "#machinery/canonical-json.ts";
import { equal, semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import type { Caches, Controller, Outcome } from "../controller.ts";
import { isReady } from "../pods.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import {
  addressesOf, headlessLabel, hostnameOf, isHeadless, podsOfService, selectsPods, servicesOfPod, targetPort, triggerOf,
} from "../service-endpoints.ts";
import { update } from "../writes.ts";

/** Endpoints hold so many addresses at most; more are left off, and an annotation says so. */
const capacity = 1000;
const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";
const managedByLabel = "endpoints.kubernetes.io/managed-by";
const manager = "endpoint-controller";

interface World {
  readonly pods: readonly Pod[];
  readonly endpoints: Endpoints | undefined;
}

/** Says where a service's pods are, the older way, in one object (API reference: core/v1 Endpoints). */
export const endpointsController: Controller<Service, World> = {
  name: "endpoint-controller",
  permissions: [
    allow("get list watch", "", "services pods"),
    allow("get list create update delete", "", "endpoints"),
    allow("create", "", "endpoints/restricted"),
  ],
  kind: Service,
  watches: [{ kind: Pod, keys: servicesOfPod }, { kind: Endpoints, keys: serviceOfEndpoints }],
  observe: (service, caches) => ({
    pods: selectsPods(service) ? podsOfService(service, caches.of(Pod).inNamespace(service.metadata.namespace)) : [],
    endpoints: caches.of(Endpoints).get(service.metadata.namespace, service.metadata.name),
  }),
  reconcile,
  gone: (namespace, name, caches) => ({
    writes: caches.of(Endpoints).get(namespace, name) ? [{ do: "delete", kind: Endpoints, namespace, name }] : [],
  }),
};

export const endpoints = defineController(endpointsController);

/** Endpoints without a service are somebody else's, unless they were made here. */
function serviceOfEndpoints({ metadata: { namespace, name, labels } }: KubeObject, caches: Caches): string[] {
  return caches.of(Service).get(namespace, name) || labels?.[managedByLabel] === manager ? [keyOf(namespace, name)] : [];
}

function reconcile(service: Service, { pods, endpoints: before }: World): Outcome {
  if (!selectsPods(service) || service.metadata.deletionTimestamp !== undefined) return {};
  const { subsets, truncated } = truncate(subsetsOf(service, pods));
  const labels = { ...service.metadata.labels, [managedByLabel]: manager, ...(isHeadless(service) ? { [headlessLabel]: "" } : {}) };
  const isTruncated = before?.metadata.annotations?.[overCapacityAnnotation] === "truncated";
  if (before && semanticallyEqual(before.subsets, subsets) && equal(before.metadata.labels, labels) && isTruncated === truncated) return {};
  const annotations = { ...triggerOf(service, pods, before ? [before] : []), ...(truncated ? { [overCapacityAnnotation]: "truncated" } : {}) };
  if (before) return { writes: [update(Endpoints, { ...before, metadata: { ...before.metadata, labels, annotations }, subsets })] };
  const { name, namespace } = service.metadata;
  const object: New<Endpoints> = { apiVersion: "v1", kind: "Endpoints", metadata: { name, namespace, labels, annotations }, subsets };
  return { writes: [{ do: "create", kind: Endpoints, object }] };
}

interface Subset {
  readonly ports: readonly EndpointPort[];
  readonly addresses: EndpointAddress[];
  readonly notReadyAddresses: EndpointAddress[];
}

/** Addresses by their ports, in a fixed order. Pods that are being deleted are left off, unless the service asks for all. */
function subsetsOf(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const all = service.spec.publishNotReadyAddresses === true;
  const subsets = new Map<string, Subset>();
  for (const pod of pods) {
    const [ip] = addressesOf(pod, service.spec.ipFamilies?.[0] ?? "IPv4");
    if (ip === undefined || (pod.metadata.deletionTimestamp !== undefined && !all)) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && !isHeadless(service)) continue;
    const key = canonicalJson(ports);
    const subset = subsets.get(key) ?? { ports, addresses: [], notReadyAddresses: [] };
    subset[all || isReady(pod) ? "addresses" : "notReadyAddresses"].push(addressOf(service, pod, ip));
    subsets.set(key, subset);
  }
  const ordered = [...subsets].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, subset]) => subset);
  for (const { addresses, notReadyAddresses } of ordered) for (const list of [addresses, notReadyAddresses]) list.sort(byAddress);
  return ordered;
}

function byAddress(left: EndpointAddress, right: EndpointAddress): number {
  return left.ip < right.ip ? -1 : left.ip > right.ip ? 1 : 0;
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(pod, servicePort);
    const { name, protocol, appProtocol } = servicePort;
    return port === undefined ? [] : [{ ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const hostname = hostnameOf(pod, service);
  const { nodeName } = pod.spec;
  return { ip, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), targetRef: { kind: "Pod", namespace, name, uid } };
}

/** Ready addresses take precedence. */
function truncate(subsets: readonly Subset[]): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const total = subsets.reduce((sum, { addresses, notReadyAddresses }) => sum + addresses.length + notReadyAddresses.length, 0);
  let room = capacity;
  const take = (addresses: readonly EndpointAddress[]): readonly EndpointAddress[] => {
    const taken = addresses.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = subsets.map(({ addresses }) => take(addresses));
  const notReady = subsets.map(({ notReadyAddresses }) => take(notReadyAddresses));
  const kept = subsets.map(({ ports }, index): EndpointSubset => ({
    ...(ready[index]?.length ? { addresses: ready[index] } : {}),
    ...(notReady[index]?.length ? { notReadyAddresses: notReady[index] } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }));
  return { subsets: kept.filter(({ addresses, notReadyAddresses }) => addresses ?? notReadyAddresses), truncated: total > capacity };
}
