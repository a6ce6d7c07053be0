import { Endpoints } from "#api/core/endpoints.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { EndpointAddress, EndpointSubset } from "#api/generated/core-v1.ts";
import type { Endpoint } from "#api/generated/discovery-v1.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController, keyOf } from "../runtime.ts";
import { distribute, type SliceContent } from "../slices/distribute.ts";
import { managedByLabel, serviceNameLabel, sliceRemoval, sliceWrites } from "../slices/slice-writes.ts";

const manager = "endpointslicemirroring-controller.k8s.io";
const skipLabel = "endpointslice.kubernetes.io/skip-mirror";
/** Endpoints that only served to elect a leader. */
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
const ownAnnotations: ReadonlySet<string> = new Set(["kubectl.kubernetes.io/last-applied-configuration"]);
/** So many addresses of a subset are mirrored, and so many fit in a slice. */
const capacity = 1000;
const families = ["IPv4", "IPv6"] as const;

interface World {
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
}

/** Says in slices what somebody wrote into the endpoints of a service that selects no pods (KEP-752). */
export const endpointSliceMirroringController: Controller<Endpoints, World> = {
  name: "endpointslicemirroring-controller",
  permissions: [
    allow("get list watch", "", "services endpoints"),
    allow("update", "", "services/finalizers endpoints/finalizers"),
    allow("get list create update delete", "discovery.k8s.io", "endpointslices"),
  ],
  kind: Endpoints,
  watches: [
    { kind: Service, keys: ({ metadata }) => [keyOf(metadata.namespace, metadata.name)] },
    { kind: EndpointSlice, keys: controlledBy(Endpoints) },
  ],
  observe: ({ metadata }, caches) => ({
    service: caches.of(Service).get(metadata.namespace, metadata.name),
    slices: caches.of(EndpointSlice).byIndex("owner", metadata.uid).filter(isOurs),
  }),
  reconcile,
};

export const endpointSliceMirroring = defineController(endpointSliceMirroringController);

function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.[managedByLabel] === manager && metadata.deletionTimestamp === undefined;
}

function reconcile(endpoints: Endpoints, { service, slices }: World): Outcome {
  if (endpoints.metadata.deletionTimestamp !== undefined) return {};
  if (!isMirrored(endpoints, service)) return { writes: slices.map(sliceRemoval) };
  const { name, labels, annotations = {} } = endpoints.metadata;
  const frame = {
    owner: endpoints,
    labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: manager },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([annotation]) => !ownAnnotations.has(annotation))),
  };
  return {
    writes: families.flatMap((family) => {
      const existing = slices.filter(({ addressType }) => addressType === family);
      const contents = (endpoints.subsets ?? []).flatMap((subset) => contentOf(subset, family));
      if (contents.length === 0) return existing.map(sliceRemoval);
      return sliceWrites(distribute(contents, existing, capacity), { ...frame, family });
    }),
  };
}

/** Endpoints of a service with a selector follow from its pods, as its slices do. */
function isMirrored({ metadata: { labels, annotations } }: Endpoints, service: Service | undefined): boolean {
  const isSkipped = labels?.[skipLabel] === "true" || annotations?.[leaderAnnotation] !== undefined;
  return !isSkipped && service !== undefined && service.spec.selector === undefined;
}

function contentOf({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, family: "IPv4" | "IPv6"): readonly SliceContent[] {
  const endpoints = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))]
    .slice(0, capacity)
    .filter(({ addresses: [ip = ""] }) => ip.includes(":") === (family === "IPv6"));
  if (endpoints.length === 0) return [];
  return [{ ports: ports.map(({ name = "", ...port }) => ({ name, ...port })), endpoints }];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}),
  };
}
