import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { Service } from "#api/core/service.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { type Rules, rulesOf } from "./rules.ts";
import { scriptFor, type TableOptions } from "./script.ts";

/** Runs nft scripts, in the network namespace of the node. */
export interface Nftables {
  /** One transaction. @throws Error with what nft said. */
  apply(script: string): Promise<void>;
}

export interface KubeProxyOptions extends TableOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly nftables: Nftables;
  /** Tells local endpoints from others. */
  readonly nodeName: string;
  log(message: string, error?: Error): void;
}

/** Changes that come within this time go to the kernel together. */
const gatherMilliseconds = 20;
const retryMilliseconds = 5_000;
const serviceNameLabel = "kubernetes.io/service-name";

/**
 * Keeps the node's nftables table as the services and their endpoints want it. The first script after a start, and after a failure,
 * makes the table anew; later ones hold only what changed.
 */
export class KubeProxy {
  readonly #options: KubeProxyOptions;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  /** What the kernel holds; unknown at first. */
  #applied: Rules | undefined;
  #timer: Timer | undefined;
  #applying = false;
  #changed = false;
  #stopped = false;

  constructor(options: KubeProxyOptions) {
    this.#options = options;
    const { client, clock, log } = options;
    const failed = (error: Error): void => log("kube-proxy cannot watch and goes on trying", error);
    this.#services = new Informer(client.of(Service), { clock, failed, labelSelector: "!service.kubernetes.io/service-proxy-name" });
    this.#slices = new Informer(client.of(EndpointSlice), { clock, failed, indexes: { service: (slice) => [serviceOf(slice)] } });
  }

  /** Resolves when the first table is in the kernel. */
  async start(): Promise<void> {
    this.#services.start();
    this.#slices.start();
    await Promise.all([this.#services.synced(), this.#slices.synced()]);
    await this.#apply();
    this.#services.subscribe(() => this.#changes());
    this.#slices.subscribe(() => this.#changes());
  }

  /** Stops following; the table stays, so that connections go on. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#services.stop();
    this.#slices.stop();
  }

  #changes(): void {
    this.#changed = true;
    this.#schedule(gatherMilliseconds);
  }

  #schedule(milliseconds: number): void {
    if (this.#timer || this.#applying || this.#stopped) return;
    this.#timer = this.#options.clock.after(milliseconds, () => {
      this.#timer = undefined;
      void this.#apply();
    });
  }

  async #apply(): Promise<void> {
    this.#applying = true;
    this.#changed = false;
    const { nftables, log, nodeName } = this.#options;
    const wanted = rulesOf(this.#services.list(), (service) => this.#slices.byIndex("service", keyOf(service)), nodeName);
    const script = scriptFor(this.#applied, wanted, this.#options);
    let retry = false;
    try {
      if (script !== "") await nftables.apply(script);
      this.#applied = wanted;
    } catch (error) {
      log("nft refused the rules of services; the whole table is made anew", error as Error);
      this.#applied = undefined;
      retry = true;
    }
    this.#applying = false;
    if (retry) this.#schedule(retryMilliseconds);
    else if (this.#changed) this.#schedule(gatherMilliseconds);
  }
}

function serviceOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ""}`;
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}
