import type { Clock, Timer } from "#machinery/clock.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { expired, serviceUnavailable, timeout } from "#machinery/status-error.ts";
import { CompactedError, type Store, StoreClosedError, type StoreEvent, type Watch } from "#store/store.ts";
import type { WatchSink } from "../answer.ts";
import { CacheEvent, WatchItem } from "./cache-event.ts";
import { CachedObject } from "./cached-object.ts";
import { EventHistory } from "./event-history.ts";
import { ObjectIndex } from "./object-index.ts";
import { Watcher, type WatchScope } from "./watcher.ts";
import { WatcherIndex } from "./watcher-index.ts";

export interface WatchCacheOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly kind: Kind;
  /** Of the kind's keys; ends with a slash. */
  readonly prefix: string;
  /** The field by which watchers are found, such as a pod's node. */
  readonly indexedField?: (object: KubeObject) => string;
  /** Told of what is no client's fault. */
  onError(error: unknown): void;
}

/** How many events watchers can go back. 5,000 nodes renewing leases make some 500 a second. */
const historyEvents = 4096;
const bookmarkMilliseconds = 60_000;
const retryMilliseconds = 500;

/** From where a watch goes on: what is there now, only what comes later, or a revision that the watcher has seen. */
export type WatchStart =
  | { readonly from: "now"; readonly endOfInitialEvents: boolean }
  | { readonly from: "later" }
  | { readonly from: "revision"; readonly revision: number };

/**
 * All objects of one stored kind, kept in step with the store.
 *
 *     store ── events, in order ──► index (newest versions) ──► history (bounded) ──► watchers, subscribers
 *
 * Invariants: `revision` never goes back; every change up to it shows in the index. A watcher sees every event after its start,
 * once and in order, or is ended. Nobody changes an object that came from here.
 */
export class WatchCache {
  readonly kind: Kind;
  readonly #options: WatchCacheOptions;
  readonly #index = new ObjectIndex();
  readonly #watchers: WatcherIndex;
  readonly #subscribers = new Set<(after: CachedObject | undefined, before: CachedObject | undefined) => void>();
  /** What this process wrote itself need not be decoded again when its event comes. */
  readonly #written = new Map<Uint8Array, KubeObject>();
  #history = new EventHistory(historyEvents, 0);
  #revision = 0;
  #waiting: { readonly revision: number; readonly resolve: () => void; readonly giveUp: () => void }[] = [];
  #watch: Watch | undefined;
  #timer: Timer | undefined;
  #retry: Timer | undefined;
  #bookmarked = 0;
  #closed = false;

  constructor(options: WatchCacheOptions) {
    this.kind = options.kind;
    this.#options = options;
    this.#watchers = new WatcherIndex(options.indexedField, (error) => options.onError(error));
  }

  /** Resolves once the cache shows everything that the store holds. */
  async start(): Promise<void> {
    const { store, prefix } = this.#options;
    const listing = await store.list(prefix);
    const present = new Set<string>();
    for (const { key, value, revision } of listing.entries) {
      present.add(key);
      const { namespace, name } = this.#address(key);
      if (this.#index.get(namespace, name)?.revision !== revision) this.#put(CachedObject.stored(value, revision));
    }
    for (const { namespace, name } of [...this.#index.list("")]) {
      if (!present.has(this.key(namespace, name))) this.#remove(namespace, name);
    }
    this.#history = new EventHistory(historyEvents, listing.revision);
    this.#progress(listing.revision);
    const watch = await store.watch(prefix, listing.revision, {
      events: (batch) => this.#events(batch),
      progress: (revision) => this.#progress(revision),
      ended: (error) => this.#ended(error),
    });
    if (this.#closed) watch.close();
    else this.#watch = watch;
  }

  /** As `start`, again and again until it works out. Until then nobody can read. */
  startEventually(): void {
    this.#restart();
  }

  /** All changes up to this one show. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#index.size;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  key(namespace: string, name: string): string {
    return namespace === "" ? `${this.#options.prefix}${name}` : `${this.#options.prefix}${namespace}/${name}`;
  }

  get(namespace: string, name: string): CachedObject | undefined {
    return this.#index.get(namespace, name);
  }

  /** The object at a key of the store, where the newest version is this one. */
  at(key: string, revision: number): CachedObject | undefined {
    const { namespace, name } = this.#address(key);
    const found = this.#index.get(namespace, name);
    return found?.revision === revision ? found : undefined;
  }

  /** In the order of keys; all namespaces when `namespace` is "". */
  list(namespace: string): readonly CachedObject[] {
    return this.#index.list(namespace);
  }

  /** Resolves once every change up to `revision` shows. @throws StatusError (504) where that takes over three seconds. */
  reached(revision: number): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        timer.cancel();
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(timeout(`Too large resource version: ${revision}, current: ${this.#revision}`, 1));
      };
      const waiter = { revision, resolve: () => (timer.cancel(), resolve()), giveUp };
      const timer = this.#options.clock.after(3000, giveUp);
      this.#waiting.push(waiter);
      if (this.#closed) giveUp();
    });
  }

  /** Resolves once every write that was acknowledged before the call shows. */
  current(): Promise<void> {
    return this.reached(this.#options.store.revision());
  }

  /** What `bytes` say, when they come back as an event of the store. To be forgotten once the write is over. */
  remember(bytes: Uint8Array, object: KubeObject): void {
    this.#written.set(bytes, object);
  }

  forget(bytes: Uint8Array): void {
    this.#written.delete(bytes);
  }

  /** Calls `listener` after each change. Returns how to stop. */
  subscribe(listener: (after: CachedObject | undefined, before: CachedObject | undefined) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  /** Begins a watch; what the sink is to see first, it sees before this returns. */
  watch(scope: WatchScope, start: WatchStart, wantsBookmarks: boolean, sink: WatchSink): { close(): void } {
    const watcher = new Watcher(scope, sink, wantsBookmarks);
    if (start.from === "now") {
      sink.initial(this.#selected(scope));
      if (start.endOfInitialEvents) sink.event(this.bookmark({ "k8s.io/initial-events-end": "true" }));
    } else if (start.from === "revision") {
      const missed = this.#history.after(start.revision);
      if (!missed) {
        sink.ended(expired(`too old resource version: ${start.revision} (${this.#history.oldest})`));
        return { close: () => undefined };
      }
      for (const event of missed) watcher.deliver(event);
    }
    this.#watchers.add(watcher);
    if (wantsBookmarks) this.#timer ??= this.#nextBookmarks();
    return { close: () => this.#watchers.delete(watcher) };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#retry?.cancel();
    this.#watch?.close();
    for (const { giveUp } of [...this.#waiting]) giveUp();
    this.#endWatchers(undefined);
  }

  #selected({ namespace, name, matches }: WatchScope): readonly CachedObject[] {
    if (name !== undefined && (namespace !== "" || !this.kind.namespaced)) {
      const found = this.get(namespace, name);
      return found && (matches === undefined || matches(found.object)) ? [found] : [];
    }
    const all = this.#index.list(namespace);
    return matches === undefined ? [...all] : all.filter(({ object }) => matches(object));
  }

  #address(key: string): { readonly namespace: string; readonly name: string } {
    const path = key.slice(this.#options.prefix.length);
    const slash = path.indexOf("/");
    return slash < 0 ? { namespace: "", name: path } : { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
  }

  #events(batch: readonly StoreEvent[]): void {
    for (const { type, key, value, revision } of batch) {
      try {
        const { namespace, name } = this.#address(key);
        const after = type === "put" ? CachedObject.stored(value, revision, this.#written.get(value)) : undefined;
        const before = after ? this.#put(after) : this.#remove(namespace, name);
        if (!after && !before) continue;
        const event = new CacheEvent(revision, before, after);
        this.#history.add(event);
        this.#watchers.deliver(event);
      } catch (error) {
        this.#options.onError(new Error(`cannot take in ${key}`, { cause: error }));
      }
    }
    const last = batch.at(-1);
    if (last) this.#progress(last.revision);
  }

  #put(after: CachedObject): CachedObject | undefined {
    const before = this.#index.set(after);
    this.#tell(after, before);
    return before;
  }

  #remove(namespace: string, name: string): CachedObject | undefined {
    const before = this.#index.delete(namespace, name);
    if (before) this.#tell(undefined, before);
    return before;
  }

  #tell(after: CachedObject | undefined, before: CachedObject | undefined): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(after, before);
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  #progress(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    if (this.#waiting.length === 0) return;
    const reached = this.#waiting.filter((waiter) => waiter.revision <= revision);
    this.#waiting = this.#waiting.filter((waiter) => waiter.revision > revision);
    for (const { resolve } of reached) resolve();
  }

  #ended(error: Error): void {
    this.#watch = undefined;
    if (this.#closed || error instanceof StoreClosedError) return this.#endWatchers(serviceUnavailable("the store is closed"));
    if (!(error instanceof CompactedError)) this.#options.onError(error);
    this.#endWatchers(expired("the server lost track of changes, list anew"));
    this.#restart();
  }

  #restart(): void {
    if (this.#closed) return;
    this.start().catch((error: unknown) => {
      if (this.#closed || error instanceof StoreClosedError) return;
      this.#options.onError(error);
      this.#retry = this.#options.clock.after(retryMilliseconds, () => this.#restart());
    });
  }

  #endWatchers(reason: Error | undefined): void {
    for (const watcher of [...this.#watchers]) {
      this.#watchers.delete(watcher);
      watcher.sink.ended(reason);
    }
  }

  /** One timer for all watchers; none while nobody wants bookmarks. */
  #nextBookmarks(): Timer {
    return this.#options.clock.after(bookmarkMilliseconds, () => {
      this.#timer = undefined;
      const wanting = [...this.#watchers].filter(({ wantsBookmarks }) => wantsBookmarks);
      if (wanting.length === 0) return;
      this.#timer = this.#nextBookmarks();
      if (this.#bookmarked === this.#revision) return;
      this.#bookmarked = this.#revision;
      const bookmark = this.bookmark();
      for (const { sink } of wanting) sink.event(bookmark);
    });
  }

  /** Says how far watchers have come that have been told everything. */
  bookmark(annotations?: { readonly [key: string]: string }): WatchItem {
    const { apiVersion, kind } = this.kind;
    const metadata = { resourceVersion: String(this.#revision), ...(annotations && { annotations }) };
    return new WatchItem("BOOKMARK", CachedObject.of({ apiVersion, kind, metadata } as unknown as KubeObject, this.#revision));
  }
}
