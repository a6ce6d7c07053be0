import type { KubeObject } from "#machinery/kind.ts";
import type {
  Entry, Listing, ListOptions, PutOptions, Store, StoreEvent, Watch, WatchListener, WriteResult,
} from "#store/store.ts";
import { decodeStored, encodeStored } from "../../watch-cache/stored-bytes.ts";
import type { Convert } from "./webhook-converter.ts";

export interface ConvertedStoreOptions {
  readonly store: Store;
  readonly convert: Convert;
  /** What is read from here. */
  readonly apiVersion: string;
  /** What is kept. */
  readonly storedApiVersion: string;
}

/** Events that wait for their conversion; beyond, the watch is broken off and begins anew. */
const mostWaiting = 10_000;

/**
 * The objects of a kind as they are in one version, whichever they are stored in: everything that goes in or out is converted first.
 * Events and progress keep their order, each waiting for the conversion of what came before.
 */
export class ConvertedStore implements Store {
  readonly #options: ConvertedStoreOptions;

  constructor(options: ConvertedStoreOptions) {
    this.#options = options;
  }

  revision(): number {
    return this.#options.store.revision();
  }

  async get(key: string, atRevision?: number): Promise<Entry | undefined> {
    const entry = await this.#options.store.get(key, atRevision);
    return entry && (await this.#read([entry]))[0];
  }

  async list(prefix: string, options?: ListOptions): Promise<Listing> {
    const listing = await this.#options.store.list(prefix, options);
    return { ...listing, entries: await this.#read(listing.entries) };
  }

  count(prefix: string): Promise<number> {
    return this.#options.store.count(prefix);
  }

  async put(key: string, value: Uint8Array, expected: number, options?: PutOptions): Promise<WriteResult> {
    const { store, convert, storedApiVersion } = this.#options;
    const [object] = await convert([decodeStored(value)], storedApiVersion);
    return store.put(key, object ? encodeStored(object) : value, expected, options);
  }

  delete(key: string, expected: number): Promise<WriteResult> {
    return this.#options.store.delete(key, expected);
  }

  async watch(prefix: string, afterRevision: number, listener: WatchListener): Promise<Watch> {
    const queue = new ConversionQueue(listener);
    const watch = await this.#options.store.watch(prefix, afterRevision, {
      events: (batch) => queue.add(batch.length, async () => listener.events(await this.#events(batch))),
      progress: (revision) => queue.add(0, () => listener.progress?.(revision)),
      ended: (error) => queue.end(error),
    });
    queue.watch = watch;
    return {
      close() {
        queue.close();
        watch.close();
      },
    };
  }

  compact(revision: number): Promise<void> {
    return this.#options.store.compact(revision);
  }

  /** The store beneath is its opener's. */
  async close(): Promise<void> {
    return undefined;
  }

  async #events(batch: readonly StoreEvent[]): Promise<readonly StoreEvent[]> {
    const puts = batch.filter(({ type }) => type === "put");
    const values = new Map((await this.#read(puts)).map(({ value }, index) => [puts[index], value]));
    return batch.map((event) => ({ ...event, value: values.get(event) ?? event.value }));
  }

  async #read<T extends { readonly value: Uint8Array }>(entries: readonly T[]): Promise<readonly T[]> {
    const { convert, apiVersion } = this.#options;
    const stored: readonly KubeObject[] = entries.map(({ value }) => decodeStored(value));
    const converted = await convert(stored, apiVersion);
    return entries.map((entry, index) => {
      const object = converted[index];
      return object === undefined || object === stored[index] ? entry : { ...entry, value: encodeStored(object) };
    });
  }
}

/** What a watch is told, one after the other, until something fails. */
class ConversionQueue {
  watch: Watch | undefined;
  readonly #listener: WatchListener;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  add(events: number, tell: () => Promise<void> | void): void {
    if (this.#closed) return;
    this.#waiting += events;
    if (this.#waiting > mostWaiting) return this.end(new Error("the conversion of changes falls too far behind"));
    this.#last = this.#last.then(async () => {
      if (this.#closed) return;
      try {
        await tell();
      } catch (error) {
        this.end(error instanceof Error ? error : new Error(String(error)));
      } finally {
        this.#waiting -= events;
      }
    });
  }

  end(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.watch?.close();
    this.#listener.ended(error);
  }

  close(): void {
    this.#closed = true;
  }
}
