import type { KubeObject } from "#machinery/kind.ts";
import { internalError } from "#machinery/status-error.ts";
import type { CacheEvent } from "./cache-event.ts";
import type { CachedObject } from "./cached-object.ts";
import type { Watcher, WatchScope } from "./watcher.ts";

/**
 * Watchers by what they can see, so that an event costs what it concerns: each of 5,000 kubelets watches the pods of its own node,
 * and a pod's event reaches one of them without asking the others.
 */
export class WatcherIndex {
  readonly #valueOf: ((object: KubeObject) => string) | undefined;
  readonly #buckets = new Map<string, Set<Watcher>>();
  readonly #all = new Set<Watcher>();

  readonly #onError: (error: unknown) => void;

  /** @param valueOf the indexed field, such as a pod's spec.nodeName */
  constructor(valueOf: ((object: KubeObject) => string) | undefined, onError: (error: unknown) => void) {
    this.#valueOf = valueOf;
    this.#onError = onError;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Watcher> {
    return this.#all[Symbol.iterator]();
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher);
    const key = bucketOf(watcher.scope);
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.add(watcher);
    else this.#buckets.set(key, new Set([watcher]));
  }

  delete(watcher: Watcher): void {
    if (!this.#all.delete(watcher)) return;
    const key = bucketOf(watcher.scope);
    const bucket = this.#buckets.get(key);
    bucket?.delete(watcher);
    if (bucket?.size === 0) this.#buckets.delete(key);
  }

  /** Who begins to watch while the event is being told has seen its outcome already, and is not told again. */
  deliver(event: CacheEvent): void {
    if (this.#all.size === 0) return;
    const keys = new Set<string>();
    for (const cached of [event.before, event.after]) if (cached) this.#addKeys(cached, keys);
    const concerned: Watcher[] = [];
    for (const key of keys) concerned.push(...(this.#buckets.get(key) ?? []));
    for (const watcher of concerned) if (this.#all.has(watcher)) this.#tell(watcher, event);
    event.forgetItems();
  }

  /** A watcher that fails is ended, and nobody else notices. */
  #tell(watcher: Watcher, event: CacheEvent): void {
    try {
      watcher.deliver(event);
    } catch (error) {
      this.#onError(error);
      this.delete(watcher);
      watcher.sink.ended(internalError(error instanceof Error ? error.message : String(error)));
    }
  }

  #addKeys(cached: CachedObject, keys: Set<string>): void {
    const { namespace, name } = cached;
    keys.add(everything);
    keys.add(nameKey("", name));
    if (namespace !== "") keys.add(namespaceKey(namespace)).add(nameKey(namespace, name));
    if (this.#valueOf) keys.add(valueKey(this.#valueOf(cached.object)));
  }
}

const everything = "*";
const namespaceKey = (namespace: string): string => `namespace ${namespace}`;
const nameKey = (namespace: string, name: string): string => `name ${namespace}/${name}`;
const valueKey = (value: string): string => `value ${value}`;

function bucketOf({ namespace, name, indexedValue }: WatchScope): string {
  if (name !== undefined) return nameKey(namespace, name);
  if (indexedValue !== undefined) return valueKey(indexedValue);
  return namespace === "" ? everything : namespaceKey(namespace);
}
