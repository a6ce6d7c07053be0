import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { Clock } from "#machinery/clock.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import type { Extenders } from "./extenders/extenders.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import type { Reservation } from "./reservation.ts";
import { ClaimReservations } from "./reservations/claims.ts";
import { VolumeReservations } from "./reservations/volumes.ts";

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

/** Carries out what was decided: what has to come true first, then the binding. */
export class Binder {
  readonly #options: BinderOptions;
  readonly #volumes: VolumeReservations;
  readonly #claims: ClaimReservations;

  constructor(options: BinderOptions) {
    this.#options = options;
    this.#volumes = new VolumeReservations(options);
    this.#claims = new ClaimReservations(options);
  }

  /** What the pod will have, once it is on the node: from now on nobody else may count on it. @throws Error where something is gone meanwhile */
  reserve(pod: PodInfo, node: NodeInfo, { plugins }: Profile): readonly Reserved[] {
    const reserved = plugins.flatMap(({ plugin }) => {
      const reservation = plugin.reserve?.(pod, node, this.#options.cluster);
      return reservation ? [{ plugin: plugin.name, reservation }] : [];
    });
    for (const { reservation } of reserved) {
      if (reservation.what === "volumes") this.#volumes.hold(reservation);
      else this.#claims.hold(reservation);
    }
    return reserved;
  }

  /** Resolves when the pod is bound. @throws Error, StatusError; then nothing is reserved any more */
  async bind(pod: PodInfo, node: NodeInfo, { plugins }: Profile, reserved: readonly Reserved[]): Promise<void> {
    try {
      for (const one of reserved) await this.#fulfil(pod, one);
      if (await this.#options.extenders.bind(pod, node.name)) return;
      const binder = plugins.find(({ plugin }) => plugin.bind)?.plugin;
      const { namespace, name } = pod.pod.metadata;
      await this.#options.client.of(Pod).createSubresource(namespace, name, "binding", binder?.bind?.(pod, node.name));
    } catch (error) {
      for (const { reservation } of reserved) if (reservation.what === "claims") await this.#claims.withdraw(pod, reservation);
      throw error;
    } finally {
      for (const { reservation } of reserved) if (reservation.what === "volumes") this.#volumes.letGo(reservation);
    }
  }

  async #fulfil(pod: PodInfo, { plugin, reservation }: Reserved): Promise<void> {
    try {
      await (reservation.what === "volumes" ? this.#volumes.fulfil(reservation) : this.#claims.fulfil(pod, reservation));
    } catch (error) {
      throw new Error(`running PreBind plugin "${plugin}": ${(error as Error).message}`, { cause: error });
    }
  }
}
