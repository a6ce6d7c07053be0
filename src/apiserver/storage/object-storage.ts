import type { Kind, KubeObject } from "#machinery/kind.ts";
import { alreadyExists } from "#machinery/status-error.ts";
import type { Store, WriteResult } from "#store/store.ts";
import type { WatchSink } from "../answer.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { WatchItem } from "../watch-cache/cache-event.ts";
import { encodeStored } from "../watch-cache/stored-bytes.ts";
import type { WatchCache, WatchStart } from "../watch-cache/watch-cache.ts";
import type { WatchScope } from "../watch-cache/watcher.ts";

/** How a kind is kept in the shape of another one (events.k8s.io Event as core Event, older versions). */
export interface Conversion {
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/** The objects of one served kind: read from the watch cache, written to the store. Objects go in and out in the kind's own shape. */
export class ObjectStorage {
  readonly kind: Kind;
  readonly #store: Store;
  readonly #cache: WatchCache;
  readonly #conversion: Conversion | undefined;
  readonly #timeToLiveSeconds: number | undefined;
  readonly #views = new WeakMap<CachedObject, CachedObject>();
  /** What watchers are told, in the kind's own shape: made once for all of them. */
  readonly #items = new WeakMap<WatchItem, WatchItem>();
  readonly #open = new Set<{ close(): void; readonly sink: WatchSink }>();

  constructor(kind: Kind, store: Store, cache: WatchCache, options: { conversion?: Conversion; timeToLiveSeconds?: number } = {}) {
    this.kind = kind;
    this.#store = store;
    this.#cache = cache;
    this.#conversion = options.conversion;
    this.#timeToLiveSeconds = options.timeToLiveSeconds;
  }

  get revision(): number {
    return this.#cache.revision;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#cache.size;
  }

  /** How many watches are open, of all kinds that are kept as this one is. */
  get watchers(): number {
    return this.#cache.watchers;
  }

  get(namespace: string, name: string): CachedObject | undefined {
    const found = this.#cache.get(namespace, name);
    return found && this.#view(found);
  }

  list(namespace: string): readonly CachedObject[] {
    const items = this.#cache.list(namespace);
    return this.#conversion ? items.map((item) => this.#view(item)) : items;
  }

  /** Reads after this are complete up to every write acknowledged before it. */
  current(): Promise<void> {
    return this.#cache.current();
  }

  reached(revision: number): Promise<void> {
    return this.#cache.reached(revision);
  }

  /** @throws StatusError (409) where the name is taken */
  async create(object: KubeObject): Promise<CachedObject> {
    const { namespace, name } = object.metadata;
    const written = await this.#put(object, 0);
    if (!written) throw alreadyExists(this.kind.resource, name);
    return this.#written(namespace ?? "", name, object, written);
  }

  /** Writes where nobody has changed the object since `current`; otherwise `undefined`, and the cache shows the change. */
  async replace(current: CachedObject, object: KubeObject): Promise<CachedObject | undefined> {
    const written = await this.#put(object, current.revision);
    return written === undefined ? undefined : this.#written(current.namespace, current.name, object, written);
  }

  /** Deletes where nobody has changed the object since `current`. `false`: somebody has, and the cache shows it. */
  async remove(current: CachedObject): Promise<boolean> {
    const result = await this.#store.delete(this.#cache.key(current.namespace, current.name), current.revision);
    await this.#shown(result);
    return result.written;
  }

  /** A page of the kind as it was at a revision, straight from the store. @throws CompactedError, FutureRevisionError */
  async page(namespace: string, atRevision: number | undefined, limit: number | undefined, after: string | undefined): Promise<Page> {
    const prefix = this.#cache.key(namespace, "").replace(/\/+$/, "/");
    const listing = await this.#store.list(prefix, {
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after: this.#cache.key("", "") + after }),
      ...(atRevision === undefined ? {} : { atRevision }),
    });
    const items = listing.entries.map(({ key, value, revision }) =>
      this.#view(this.#cache.at(key, revision) ?? CachedObject.stored(value, revision)));
    return { items, revision: listing.revision, more: listing.more, remaining: listing.remaining };
  }

  subscribe(listener: (after: CachedObject | undefined, before: CachedObject | undefined) => void): () => void {
    if (!this.#conversion) return this.#cache.subscribe(listener);
    return this.#cache.subscribe((after, before) => listener(after && this.#view(after), before && this.#view(before)));
  }

  watch(scope: WatchScope, start: WatchStart, wantsBookmarks: boolean, sink: WatchSink): { close(): void } {
    const watch = { sink, close: () => undefined as void };
    const seen = this.#conversion ? this.#converted(scope, sink) : { scope, sink };
    const ended = (reason: Error | undefined): void => {
      this.#open.delete(watch);
      sink.ended(reason);
    };
    const { initial, event } = seen.sink;
    const handle = this.#cache.watch(seen.scope, start, wantsBookmarks, {
      initial: initial.bind(seen.sink), event: event.bind(seen.sink), ended,
    });
    watch.close = () => {
      this.#open.delete(watch);
      handle.close();
    };
    this.#open.add(watch);
    return watch;
  }

  /** Ends all watches: the kind is no longer served like this. */
  end(): void {
    for (const { close, sink } of [...this.#open]) {
      close();
      sink.ended(undefined);
    }
  }

  #converted(scope: WatchScope, sink: WatchSink): { readonly scope: WatchScope; readonly sink: WatchSink } {
    const { matches } = scope;
    return {
      scope: matches ? { ...scope, matches: (object) => matches(this.#convert(object)) } : scope,
      sink: {
        initial: (objects) => sink.initial(objects.map((object) => this.#view(object))),
        event: (item) => sink.event(this.#item(item)),
        ended: (reason) => sink.ended(reason),
      },
    };
  }

  #item(stored: WatchItem): WatchItem {
    let item = this.#items.get(stored);
    if (!item) {
      const { type, object } = stored;
      const { apiVersion, kind } = this.kind;
      const view = type === "BOOKMARK" ? CachedObject.of({ ...object.object, apiVersion, kind }, object.revision) : this.#view(object);
      item = new WatchItem(type, view);
      this.#items.set(stored, item);
    }
    return item;
  }

  /** Says how far the watches have come. */
  bookmark(): WatchItem {
    const { type, object } = this.#cache.bookmark();
    return new WatchItem(type, this.#view(object));
  }

  /** The object in the shape of the served kind. */
  #view(stored: CachedObject): CachedObject {
    if (!this.#conversion) return stored;
    let view = this.#views.get(stored);
    if (!view) {
      const converted = this.#convert(stored.object);
      view = converted === stored.object ? stored : CachedObject.of(converted, stored.revision);
      this.#views.set(stored, view);
    }
    return view;
  }

  #convert(stored: KubeObject): KubeObject {
    return this.#conversion ? this.#conversion.fromStored(stored) : stored;
  }

  async #put(object: KubeObject, expected: number): Promise<number | undefined> {
    const { namespace, name } = object.metadata;
    const stored = this.#conversion ? this.#conversion.toStored(object) : object;
    const bytes = encodeStored(stored);
    this.#cache.remember(bytes, stored);
    const key = this.#cache.key(namespace ?? "", name);
    const timeToLiveSeconds = this.#timeToLiveSeconds;
    try {
      const result = await this.#store.put(key, bytes, expected, timeToLiveSeconds === undefined ? undefined : { timeToLiveSeconds });
      await this.#shown(result);
      return result.written ? result.revision : undefined;
    } finally {
      this.#cache.forget(bytes);
    }
  }

  /** The cached object that the write made, so that its bytes are made once for the writer and all watchers. */
  #written(namespace: string, name: string, object: KubeObject, revision: number): CachedObject {
    const found = this.get(namespace, name);
    if (found?.revision === revision) return found;
    return CachedObject.of({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }, revision);
  }

  async #shown(result: WriteResult): Promise<void> {
    await this.#cache.reached(result.written ? result.revision : this.#store.revision());
  }
}

export interface Page {
  readonly items: readonly CachedObject[];
  readonly revision: number;
  readonly more: boolean;
  readonly remaining: number;
}
