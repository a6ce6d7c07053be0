import type { Random } from "#machinery/random.ts";
import { CompactedError, type Store, type Watch, type WatchListener } from "#store/store.ts";

interface Watching {
  readonly listener: WatchListener;
  readonly watch: Watch;
}

/** A store that can lose track of a watch: whoever had it must look at everything anew, and so must all who watch through it. */
export class ForgetfulStore {
  readonly store: Store;
  readonly #watches = new Set<Watching>();

  constructor(inner: Store) {
    this.store = new Proxy(inner, {
      get: (target, name) => {
        if (name === "watch") return (...asked: Parameters<Store["watch"]>) => this.#watch(target, ...asked);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** Loses one of the watches. */
  forgetOne(random: Random): void {
    const lost = [...this.#watches][random.integer(Math.max(1, this.#watches.size))];
    if (!lost) return;
    lost.watch.close();
    this.#watches.delete(lost);
    lost.listener.ended(new CompactedError(0, this.store.revision()));
  }

  async #watch(inner: Store, prefix: string, afterRevision: number, listener: WatchListener): Promise<Watch> {
    const watch = await inner.watch(prefix, afterRevision, listener);
    const watching = { listener, watch };
    this.#watches.add(watching);
    return {
      close: () => {
        this.#watches.delete(watching);
        watch.close();
      },
    };
  }
}
