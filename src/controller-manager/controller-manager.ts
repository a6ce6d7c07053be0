import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { ControllerContext, Runnable } from "./controller.ts";

export interface ControllerManagerOptions {
  readonly controllers: readonly Runnable[];
  /** Reads for all informers. */
  readonly client: Client;
  /** Acts as the service account of one controller in kube-system. */
  clientFor(controller: string): Client;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  log(message: string, error?: Error): void;
}

/** Runs controllers over one shared set of informers. */
export class ControllerManager {
  readonly #options: ControllerManagerOptions;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  #stops: (() => void)[] = [];

  constructor(options: ControllerManagerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stops = this.#options.controllers.map((controller) => controller.start(this.#contextOf(controller)));
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const informer of this.#informers.values()) informer.stop();
    this.#informers.clear();
  }

  #contextOf({ name }: Runnable): ControllerContext {
    const { clock, random, clientFor, log } = this.#options;
    const client = clientFor(name);
    const failed = (error: Error): void => log(`${name}: an event was lost`, error);
    return {
      client,
      clock,
      random,
      log,
      informer: (kind) => this.#informer(kind),
      recorder: new EventRecorder({ client, clock, component: name, failed }),
    };
  }

  #informer<T extends KubeObject>(kind: KindReference<T>): Informer<T> {
    const key = `${kind.group}/${kind.plural}`;
    const known = this.#informers.get(key);
    if (known) return known as unknown as Informer<T>;
    const informer = new Informer<T>(this.#options.client.of(kind), {
      clock: this.#options.clock,
      indexes: { owner: ({ metadata }) => [metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? ""] },
      failed: (error) => this.#options.log(`the informer of ${kind.plural} failed and goes on`, error),
    });
    this.#informers.set(key, informer as unknown as Informer<KubeObject>);
    informer.start();
    return informer;
  }
}
