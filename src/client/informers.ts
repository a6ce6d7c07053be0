import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { Client } from "./client.ts";
import { Informer, type InformerOptions } from "./informer.ts";

/** The informers of one component: one per kind, shared by all who ask. */
export class Informers {
  readonly #client: Client;
  readonly #options: Pick<InformerOptions<KubeObject>, "clock" | "failed">;
  readonly #informers = new Map<string, Informer<KubeObject>>();

  constructor(client: Client, options: Pick<InformerOptions<KubeObject>, "clock" | "failed">) {
    this.#client = client;
    this.#options = options;
  }

  /** All objects of a kind; started at once. `indexes` count only for the first who asks. */
  of<T extends KubeObject>(kind: KindReference<T>, indexes?: InformerOptions<T>["indexes"]): Informer<T> {
    const key = `${kind.group}/${kind.plural}`;
    let informer = this.#informers.get(key) as Informer<T> | undefined;
    if (!informer) {
      informer = new Informer(this.#client.of(kind), { ...this.#options, ...(indexes === undefined ? {} : { indexes }) });
      this.#informers.set(key, informer as unknown as Informer<KubeObject>);
      informer.start();
    }
    return informer;
  }

  /** Resolves when every informer asked for so far has its first list. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced()));
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop();
  }
}
