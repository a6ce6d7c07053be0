import { Namespace } from "#api/core/namespace.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import { DnsServer } from "./server.ts";
import type { Upstream } from "./upstream.ts";
import { type ClusterView, resolve } from "./zone.ts";

export interface ClusterDnsOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Addresses to listen on. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Such as `cluster.local`. */
  readonly domain: string;
  readonly upstream: Upstream;
  log(message: string, error?: Error): void;
}

const serviceNameLabel = "kubernetes.io/service-name";

/** Cluster DNS: names of services and pods from the API, all others from upstream. */
export class ClusterDns {
  readonly #server: DnsServer;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespaces: Informer<Namespace>;

  constructor({ client, clock, addresses, port, domain, upstream, log }: ClusterDnsOptions) {
    const failed = (error: Error): void => log("DNS cannot watch and goes on trying", error);
    const clusterIps = ({ spec }: Service): readonly string[] => spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
    const addressesOf = ({ endpoints }: EndpointSlice): readonly string[] => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    this.#services = new Informer(client.of(Service), { clock, failed, indexes: { clusterIp: clusterIps } });
    this.#slices = new Informer(client.of(EndpointSlice), {
      clock, failed, indexes: { service: (slice) => [`${slice.metadata.namespace}/${serviceLabel(slice)}`], address: addressesOf },
    });
    this.#namespaces = new Informer(client.of(Namespace), { clock, failed });
    const view = this.#view();
    this.#server = new DnsServer({ addresses, port, domain, upstream, log, resolve: (question) => resolve(question, domain, view) });
  }

  /** Resolves when names are known and the ports are open. */
  async start(): Promise<void> {
    const informers = [this.#services, this.#slices, this.#namespaces];
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.synced()));
    await this.#server.start();
  }

  async stop(): Promise<void> {
    for (const informer of [this.#services, this.#slices, this.#namespaces]) informer.stop();
    await this.#server.stop();
  }

  #view(): ClusterView {
    const isHeadless = (slice: EndpointSlice): boolean =>
      this.#services.get(slice.metadata.namespace, serviceLabel(slice))?.spec.clusterIP === "None";
    return {
      service: (namespace, name) => this.#services.get(namespace, name),
      slices: ({ metadata }) => this.#slices.byIndex("service", `${metadata.namespace}/${metadata.name}`),
      hasNamespace: (namespace) => this.#namespaces.get("", namespace) !== undefined,
      hasServiceIn: (namespace) => this.#services.inNamespace(namespace).length > 0,
      serviceByClusterIp: (address) => this.#services.byIndex("clusterIp", address)[0],
      slicesByAddress: (address) => this.#slices.byIndex("address", address).filter(isHeadless),
    };
  }
}

function serviceLabel({ metadata }: EndpointSlice): string {
  return metadata.labels?.[serviceNameLabel] ?? "";
}
