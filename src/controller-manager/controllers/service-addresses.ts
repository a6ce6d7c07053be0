import { Service } from "#api/core/service.ts";
import { IPAddress } from "#api/networking/ip-address.ts";
import { parseIp } from "#machinery/ip.ts";
import type { New } from "#machinery/kind.ts";
import type { Caches, Controller, Outcome, Write } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";

const managedLabel = "ipaddress.kubernetes.io/managed-by";
/** Upstream's name for whoever hands out addresses: others look for it. */
const manager = "ipallocator.k8s.io";
const familyLabel = "ipaddress.kubernetes.io/ip-family";

interface World {
  /** Addresses of the service that no object tells of. */
  readonly untold: readonly string[];
  /** Objects that tell of addresses which the service no longer has. */
  readonly outdated: readonly IPAddress[];
}

/** Tells of each address that a service has in an IPAddress of that name (KEP-1880). */
export const serviceAddressesController: Controller<Service, World> = {
  name: "service-ip-address-controller",
  permissions: [allow("get list watch", "", "services"), allow("get list watch create delete", "networking.k8s.io", "ipaddresses")],
  kind: Service,
  watches: [{ kind: IPAddress, keys: (address) => serviceKeysOf(address as IPAddress) }],
  observe(service, caches) {
    const addresses = addressesOf(service);
    const told = caches.of(IPAddress);
    return {
      untold: addresses.filter((address) => told.get("", address) === undefined),
      outdated: addresses.length === 0 ? ownedBy(service.metadata.namespace, service.metadata.name, caches) : [],
    };
  },
  reconcile: (service, { untold, outdated }): Outcome => ({
    writes: [...untold.map((address): Write => ({ do: "create", kind: IPAddress, object: newAddress(address, service) })), ...outdated.map(deletion)],
  }),
  gone: (namespace, name, caches) => ({ writes: ownedBy(namespace, name, caches).map(deletion) }),
};

export const serviceAddresses = defineController(serviceAddressesController);

function addressesOf({ metadata, spec: { clusterIPs = [], type } }: Service): readonly string[] {
  if (metadata.deletionTimestamp !== undefined || type === "ExternalName") return [];
  return clusterIPs.filter((address) => address !== "None" && address !== "");
}

function serviceKeysOf({ metadata: { labels }, spec: { parentRef: { resource, namespace, name } } }: IPAddress): string[] {
  return labels?.[managedLabel] === manager && resource === "services" ? [keyOf(namespace, name)] : [];
}

function ownedBy(namespace: string | undefined, name: string, caches: Caches): readonly IPAddress[] {
  const key = keyOf(namespace, name);
  return [...caches.of(IPAddress).list()].filter((address) => serviceKeysOf(address).includes(key));
}

function newAddress(address: string, { metadata: { namespace, name } }: Service): New<IPAddress> {
  const labels = { [managedLabel]: manager, [familyLabel]: `IPv${parseIp(address)?.family}` };
  return {
    apiVersion: "networking.k8s.io/v1", kind: "IPAddress", metadata: { name: address, labels },
    spec: { parentRef: { group: "", resource: "services", namespace, name } },
  };
}

function deletion({ metadata: { name, uid } }: IPAddress): Write {
  return { do: "delete", kind: IPAddress, namespace: "", name, options: { preconditions: { uid } } };
}
