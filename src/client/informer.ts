import type { Clock, Timer } from "#machinery/clock.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { hasReason } from "#machinery/status-error.ts";
import type { Resource } from "./client.ts";
import type { ApiQuery, WatchEvent, WatchHandle } from "./transport.ts";

export interface InformerOptions<T extends KubeObject> {
  readonly clock: Clock;
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** For `byIndex`: from an object to the keys that it is found under. */
  readonly indexes?: { readonly [name: string]: (object: T) => readonly string[] };
  /** Told of every failure to list or watch; the informer goes on trying. */
  readonly failed?: (error: Error) => void;
}

export type Change<T> =
  | { readonly type: "added"; readonly object: T }
  | { readonly type: "updated"; readonly object: T; readonly before: T }
  | { readonly type: "deleted"; readonly object: T };

const firstRetryMilliseconds = 50;
const longestRetryMilliseconds = 30_000;

/**
 * A local, complete and current copy of one kind's objects: lists once, then watches from there, and lists anew only when the API
 * says that history is gone. Objects are the API's own and must not be changed.
 *
 * Invariant: listeners see every object's changes in order; after a break in the watch they see the difference.
 */
export class Informer<T extends KubeObject> {
  readonly #resource: Resource<T>;
  readonly #options: InformerOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #indexes: readonly Index<T>[];
  readonly #listeners = new Set<(change: Change<T>) => void>();
  #synced = false;
  readonly #whenSynced: Promise<void>;
  #resolveSynced: () => void = () => undefined;
  #running = false;
  #resourceVersion = "";
  #awaited: AwaitedRevision[] = [];
  #retryMilliseconds = firstRetryMilliseconds;
  #watch: WatchHandle | undefined;
  #retry: Timer | undefined;

  constructor(resource: Resource<T>, options: InformerOptions<T>) {
    this.#resource = resource;
    this.#options = options;
    this.#whenSynced = new Promise((resolve) => (this.#resolveSynced = resolve));
    const byNamespace = new Index<T>("namespace", (object) => [object.metadata.namespace ?? ""]);
    this.#indexes = [byNamespace, ...Object.entries(options.indexes ?? {}).map(([name, keys]) => new Index(name, keys))];
  }

  /** Whether the first list has arrived. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /** Resolves when the first list has arrived. */
  synced(): Promise<void> {
    return this.#whenSynced;
  }

  /** @param namespace "" for cluster-scoped kinds */
  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /**
   * Resolves when the copy shows everything up to a revision, such as that of a write of one's own. Revisions are one sequence for
   * all kinds (KEP-5504). Where nothing of this kind changes, a bookmark or the next change settles it.
   */
  reached(resourceVersion: string): Promise<void> {
    if (isAtLeast(this.#resourceVersion, resourceVersion)) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push({ resourceVersion, resolve }));
  }

  list(): IterableIterator<T> {
    return this.#objects.values();
  }

  get size(): number {
    return this.#objects.size;
  }

  inNamespace(namespace: string): readonly T[] {
    return this.byIndex("namespace", namespace);
  }

  byIndex(index: string, key: string): readonly T[] {
    const found = this.#indexes.find(({ name }) => name === index);
    if (!found) throw new Error(`there is no index ${index}`);
    return found.get(key);
  }

  /** Calls `listener` for every object there is, then for every change. Returns how to stop. */
  subscribe(listener: (change: Change<T>) => void): () => void {
    for (const object of this.#objects.values()) listener({ type: "added", object });
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#listThenWatch();
  }

  stop(): void {
    this.#running = false;
    this.#watch?.close();
    this.#retry?.cancel();
  }

  async #listThenWatch(): Promise<void> {
    try {
      const list = await this.#resource.list(this.#options.namespace ?? "", { ...this.#selectors(), resourceVersion: "0" });
      if (!this.#running) return;
      this.#replace(list.items);
      this.#arrivedAt(list.metadata.resourceVersion);
      this.#retryMilliseconds = firstRetryMilliseconds;
      this.#startWatch();
    } catch (error) {
      this.#again(error as Error, () => void this.#listThenWatch());
    }
  }

  #startWatch(): void {
    const query = { ...this.#selectors(), resourceVersion: this.#resourceVersion, allowWatchBookmarks: true };
    this.#watch = this.#resource.watch(this.#options.namespace ?? "", query, {
      event: (event) => this.#take(event as WatchEvent<T>),
      ended: (reason) => this.#watchEnded(reason),
    });
  }

  #watchEnded(reason: Error | undefined): void {
    if (!this.#running) return;
    if (hasReason(reason, "Expired") || hasReason(reason, "Gone")) void this.#listThenWatch();
    else if (reason === undefined) this.#startWatch();
    else this.#again(reason, () => this.#startWatch());
  }

  #again(error: Error, next: () => void): void {
    if (!this.#running) return;
    this.#options.failed?.(error);
    this.#retry = this.#options.clock.after(this.#retryMilliseconds, () => {
      if (this.#running) next();
    });
    this.#retryMilliseconds = Math.min(this.#retryMilliseconds * 2, longestRetryMilliseconds);
  }

  #selectors(): ApiQuery {
    const { labelSelector, fieldSelector } = this.#options;
    return { ...(labelSelector === undefined ? {} : { labelSelector }), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
  }

  #take({ type, object }: WatchEvent<T>): void {
    this.#retryMilliseconds = firstRetryMilliseconds;
    if (type === "DELETED") this.#remove(object);
    else if (type !== "BOOKMARK") this.#put(object);
    this.#arrivedAt(object.metadata.resourceVersion);
  }

  #arrivedAt(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    if (this.#awaited.length === 0) return;
    const [reached, waiting] = [this.#awaited, [] as AwaitedRevision[]];
    for (const wish of reached) {
      if (isAtLeast(resourceVersion, wish.resourceVersion)) wish.resolve();
      else waiting.push(wish);
    }
    this.#awaited = waiting;
  }

  #replace(items: readonly T[]): void {
    const present = new Set(items.map((object) => keyOf(object.metadata.namespace, object.metadata.name)));
    for (const [key, object] of this.#objects) {
      if (!present.has(key)) this.#remove(object);
    }
    for (const object of items) this.#put(object);
    this.#synced = true;
    this.#resolveSynced();
  }

  #put(object: T): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = this.#objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(key, object);
    for (const index of this.#indexes) index.move(key, before, object);
    this.#tell(before ? { type: "updated", object, before } : { type: "added", object });
  }

  #remove(object: T): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = this.#objects.get(key);
    if (!before) return;
    this.#objects.delete(key);
    for (const index of this.#indexes) index.move(key, before, undefined);
    this.#tell({ type: "deleted", object });
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

interface AwaitedRevision {
  readonly resourceVersion: string;
  readonly resolve: () => void;
}

/** Decimal numbers of any length, without leading zeros. */
function isAtLeast(resourceVersion: string, wanted: string): boolean {
  return resourceVersion.length === wanted.length ? resourceVersion >= wanted : resourceVersion.length > wanted.length;
}

const none: readonly string[] = [];

class Index<T> {
  readonly name: string;
  readonly #keys: (object: T) => readonly string[];
  readonly #found = new Map<string, Map<string, T>>();

  constructor(name: string, keys: (object: T) => readonly string[]) {
    this.name = name;
    this.#keys = keys;
  }

  get(key: string): readonly T[] {
    return [...(this.#found.get(key)?.values() ?? [])];
  }

  move(id: string, before: T | undefined, after: T | undefined): void {
    const [left, entered] = [before === undefined ? none : this.#keys(before), after === undefined ? none : this.#keys(after)];
    for (const key of left) {
      if (entered.includes(key)) continue;
      const entries = this.#found.get(key);
      entries?.delete(id);
      if (entries?.size === 0) this.#found.delete(key);
    }
    for (const key of entered) {
      const entries = this.#found.get(key);
      if (entries) entries.set(id, after as T);
      else this.#found.set(key, new Map([[id, after as T]]));
    }
  }
}
