import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import type { Extenders } from "./extenders/extenders.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import type { Reservation } from "./reservation.ts";

interface BinderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly cluster: ClusterState;
  readonly extenders: Extenders;
}

/** What a plugin has reserved for a pod. */
interface Reserved {
  readonly plugin: string;
  readonly reservation: Reservation;
}

const pollMilliseconds = 1000;

/** Carries out what was decided: what has to come true first, then the binding. */
export class Binder {
  readonly #options: BinderOptions;

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** What the pod will have, once it is on the node: from now on nobody else may count on it. */
  reserve(pod: PodInfo, node: NodeInfo, { plugins }: Profile): readonly Reserved[] {
    const { cluster } = this.#options;
    return plugins.flatMap(({ plugin }) => {
      const reservation = plugin.reserve?.(pod, node, cluster);
      if (!reservation) return [];
      for (const [volume, claim] of reservation.promises) cluster.promises.set(volume, claim);
      return [{ plugin: plugin.name, reservation }];
    });
  }

  /** Resolves when the pod is bound. @throws Error, StatusError */
  async bind(pod: PodInfo, node: NodeInfo, { plugins }: Profile, reserved: readonly Reserved[]): Promise<void> {
    try {
      for (const { plugin, reservation } of reserved) await this.#fulfil(plugin, reservation);
      if (await this.#options.extenders.bind(pod, node.name)) return;
      const binder = plugins.find(({ plugin }) => plugin.bind)?.plugin;
      const { namespace, name } = pod.pod.metadata;
      await this.#options.client.of(Pod).createSubresource(namespace, name, "binding", binder?.bind?.(pod, node.name));
    } finally {
      for (const { reservation } of reserved) for (const volume of reservation.promises.keys()) this.#options.cluster.promises.delete(volume);
    }
  }

  async #fulfil(plugin: string, { writes, isFulfilled, timeoutSeconds }: Reservation): Promise<void> {
    const { client, clock, cluster } = this.#options;
    try {
      for (const { kind, object } of writes) await client.of(kind).update(object);
      const end = clock.now() + timeoutSeconds * 1000;
      while (!isFulfilled(cluster)) {
        if (clock.now() >= end) throw new Error("context deadline exceeded");
        await sleep(clock, pollMilliseconds);
      }
    } catch (error) {
      throw new Error(`running PreBind plugin "${plugin}": binding volumes: ${(error as Error).message}`, { cause: error });
    }
  }
}
