import type { Client } from "#client/client.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { VolumesReservation } from "../reservation.ts";

interface Options {
  readonly client: Client;
  readonly clock: Clock;
  readonly cluster: ClusterState;
}

const pollMilliseconds = 1000;

/** Has volumes bound to the claims of a pod. */
export class VolumeReservations {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Nobody else is to count on the volumes. */
  hold({ promises }: VolumesReservation): void {
    for (const [volume, claim] of promises) this.#options.cluster.promises.set(volume, claim);
  }

  letGo({ promises }: VolumesReservation): void {
    for (const volume of promises.keys()) this.#options.cluster.promises.delete(volume);
  }

  /** Resolves when all claims are bound. @throws Error */
  async fulfil({ writes, isFulfilled, timeoutSeconds }: VolumesReservation): Promise<void> {
    const { client, clock, cluster } = this.#options;
    try {
      for (const { kind, object } of writes) await client.of(kind).update(object);
      const end = clock.now() + timeoutSeconds * 1000;
      while (!isFulfilled(cluster)) {
        if (clock.now() >= end) throw new Error("context deadline exceeded");
        await sleep(clock, pollMilliseconds);
      }
    } catch (error) {
      throw new Error(`binding volumes: ${(error as Error).message}`, { cause: error });
    }
  }
}
