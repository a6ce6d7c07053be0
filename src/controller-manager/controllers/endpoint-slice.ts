import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Endpoint, EndpointPort } from "#api/generated/discovery-v1.ts";
import { canonicalJson } from "#machinery/canonical-json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Controller, Outcome } from "../controller.ts";
import { isReady } from "../pods.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import {
  addressesOf, headlessLabel, hostnameOf, isHeadless, podsOfService, selectsPods, servicesOfPod, targetPort, triggerOf,
} from "../service-endpoints.ts";
import { distribute, type SliceContent } from "../slices/distribute.ts";
import { managedByLabel, serviceNameLabel, sliceRemoval, sliceWrites } from "../slices/slice-writes.ts";

/** So many endpoints fit in a slice. */
const capacity = 100;
const manager = "endpointslice-controller.k8s.io";
const zoneLabel = "topology.kubernetes.io/zone";
/** Labels that say what a slice is; a service's own labels of these names are not taken over. */
const reservedLabels: ReadonlySet<string> = new Set([serviceNameLabel, managedByLabel, headlessLabel]);

interface World {
  readonly pods: readonly Pod[];
  /** By the name of their node. */
  readonly zones: ReadonlyMap<string, string>;
  readonly slices: readonly EndpointSlice[];
}

/** Says, in slices, where a service's pods are (API reference: discovery.k8s.io/v1 EndpointSlice). */
export const endpointSliceController: Controller<Service, World> = {
  name: "endpointslice-controller",
  permissions: [
    allow("get list watch", "", "services pods nodes"),
    allow("update", "", "services/finalizers"),
    allow("get list create update delete", "discovery.k8s.io", "endpointslices"),
  ],
  kind: Service,
  watches: [
    { kind: Pod, keys: servicesOfPod },
    { kind: EndpointSlice, keys: serviceOfSlice },
    { kind: Node, keys: () => [] },
  ],
  observe(service, caches) {
    const pods = selectsPods(service) ? podsOfService(service, caches.of(Pod).inNamespace(service.metadata.namespace)) : [];
    const nodes = caches.of(Node);
    const names = new Set(pods.map(({ spec }) => spec.nodeName ?? ""));
    return {
      pods,
      zones: new Map([...names].map((name) => [name, nodes.get("", name)?.metadata.labels?.[zoneLabel] ?? ""])),
      slices: caches.of(EndpointSlice).byIndex("owner", service.metadata.uid).filter(isOurs),
    };
  },
  reconcile,
};

export const endpointSlice = defineController(endpointSliceController);

function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.[managedByLabel] === manager && metadata.deletionTimestamp === undefined;
}

function serviceOfSlice(slice: KubeObject): string[] {
  const { namespace, labels } = slice.metadata;
  const name = labels?.[serviceNameLabel];
  return name !== undefined && labels?.[managedByLabel] === manager ? [keyOf(namespace, name)] : [];
}

function reconcile(service: Service, { pods, zones, slices }: World): Outcome {
  if (!selectsPods(service) || service.metadata.deletionTimestamp !== undefined) return {};
  const families = service.spec.ipFamilies ?? ["IPv4"];
  const others = slices.filter(({ addressType }) => !families.includes(addressType));
  const plans = families.map((family) => {
    const existing = slices.filter(({ addressType }) => addressType === family);
    return { family, plan: distribute(contentOf(service, pods, zones, family), existing, capacity) };
  });
  const annotations = triggerOf(service, pods, slices);
  const labels = labelsOf(service);
  return {
    writes: [
      ...plans.flatMap(({ family, plan }) => sliceWrites(plan, { owner: service, labels, annotations, family })),
      ...others.map(sliceRemoval),
    ],
  };
}

/** What the slices of one address family are to hold together: endpoints by their ports. */
function contentOf(service: Service, pods: readonly Pod[], zones: ReadonlyMap<string, string>, family: string): readonly SliceContent[] {
  const byPorts = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const addresses = addressesOf(pod, family);
    if (addresses.length === 0) continue;
    const ports = portsOf(service, pod);
    const key = canonicalJson(ports);
    const content = byPorts.get(key) ?? { ports, endpoints: [] };
    content.endpoints.push(endpointOf(service, pod, addresses, zones));
    byPorts.set(key, content);
  }
  return [...byPorts.values()];
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(pod, servicePort);
    const { name = "", protocol, appProtocol } = servicePort;
    return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function endpointOf(service: Service, pod: Pod, addresses: readonly string[], zones: ReadonlyMap<string, string>): Endpoint {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const serving = isReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const { nodeName } = pod.spec;
  const zone = zones.get(nodeName ?? "");
  const hostname = hostnameOf(pod, service);
  return {
    addresses,
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(hostname ? { hostname } : {}),
  };
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const { name, labels = {} } = service.metadata;
  return {
    ...Object.fromEntries(Object.entries(labels).filter(([label]) => !reservedLabels.has(label))),
    [serviceNameLabel]: name,
    [managedByLabel]: manager,
    ...(isHeadless(service) ? { [headlessLabel]: "" } : {}),
  };
}
