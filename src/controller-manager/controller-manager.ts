import type { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import { Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import { type ControllerContext, type Runnable, withoutOwner } from "./controller.ts";
import { isNamespaceTerminating } from "./refusals.ts";

export interface ControllerManagerOptions {
  readonly controllers: readonly Runnable[];
  /** Reads for all informers. */
  readonly client: Client;
  /** Acts as a service account in kube-system. */
  clientFor(account: string): Client;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  log(message: string, error?: Error): void;
}

/** Runs controllers over one shared set of informers. */
export class ControllerManager {
  readonly #options: ControllerManagerOptions;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  readonly #recorders = new Set<EventRecorder>();
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
    for (const recorder of this.#recorders) recorder.stop();
    this.#recorders.clear();
  }

  #contextOf({ name, account }: Runnable): ControllerContext {
    const { clock, random, clientFor, log } = this.#options;
    const client = clientFor(account ?? name);
    const failed = (error: Error): void => {
      if (!isNamespaceTerminating(error)) log(`${name}: an event was lost`, error);
    };
    const recorder = new EventRecorder({ client, clock, component: name, failed });
    this.#recorders.add(recorder);
    return {
      client,
      clock,
      random,
      log,
      informer: (kind) => this.#informer(kind),
      release: (kind) => this.#release(kind),
      recorder,
    };
  }

  #release(kind: KindReference): void {
    this.#informers.get(keyOf(kind))?.stop();
    this.#informers.delete(keyOf(kind));
  }

  #informer<T extends KubeObject>(kind: KindReference<T>): Informer<T> {
    const key = keyOf(kind);
    const known = this.#informers.get(key);
    if (known) return known as unknown as Informer<T>;
    const informer = new Informer<T>(this.#options.client.of(kind), {
      clock: this.#options.clock,
      indexes: { owner: ownersOf, ...(isPod(kind) ? { node: nodesOf } : {}) },
      failed: (error) => this.#options.log(`the informer of ${kind.plural} failed and goes on`, error),
    });
    this.#informers.set(key, informer as unknown as Informer<KubeObject>);
    informer.start();
    return informer;
  }
}

function isPod({ group, plural }: KindReference): boolean {
  return group === "" && plural === "pods";
}

function ownersOf(object: KubeObject): string[] {
  return [controllerOf(object)?.uid ?? withoutOwner(object.metadata.namespace)];
}

function nodesOf(pod: KubeObject): string[] {
  const { nodeName } = (pod as Pod).spec;
  return nodeName ? [nodeName] : [];
}

function keyOf({ group, plural }: KindReference): string {
  return `${group}/${plural}`;
}
