import { Event as CoreEvent } from "#api/core/event.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Kind, KindReference } from "#machinery/kind.ts";
import type { Store } from "#store/store.ts";
import type { ServedKind } from "../kind-registry.ts";
import { WatchCache } from "../watch-cache/watch-cache.ts";
import { indexedValueOf } from "./indexed-fields.ts";
import { type Conversion, ObjectStorage } from "./object-storage.ts";

/** Kinds whose objects vanish by themselves. */
const timesToLive: readonly { readonly kind: KindReference; readonly seconds: number }[] = [{ kind: CoreEvent, seconds: 3600 }];

export interface StorageOptions {
  readonly store: Store;
  readonly clock: Clock;
  onError(error: unknown): void;
}

/** A kind that is served and kept. */
export type StoredKind = ServedKind & { readonly storage: ObjectStorage };

/** Gives kinds their storage: one watch cache for each, shared by those that are kept as the same. */
export class KindStorages {
  readonly #options: StorageOptions;
  readonly #caches = new Map<string, WatchCache>();
  readonly #started = new WeakMap<WatchCache, Promise<void>>();

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** The kind as it is served. One that can only be created, or only be read, is answered, not stored. */
  serve(kind: Kind): ServedKind {
    if (!kind.verbs.includes("get") || !kind.verbs.includes("create")) return { kind };
    const home = kind.storedAs?.kind ?? kind;
    const seconds = timesToLive.find((entry) => same(entry.kind, home))?.seconds;
    const cache = this.#cacheOf(home, kind);
    const storage = new ObjectStorage(kind, this.#options.store, cache, {
      ...(kind.storedAs ? { conversion: kind.storedAs } : {}),
      ...(seconds === undefined ? {} : { timeToLiveSeconds: seconds }),
    });
    return { kind, storage };
  }

  /** As `serve`, of a kind that comes later, is kept in the shape that `conversion` says, and shares its cache with its other versions. */
  async serveLater(kind: Kind, conversion: Conversion): Promise<StoredKind> {
    const isNew = !this.#caches.has(prefixOf(kind));
    const cache = this.#cacheOf(kind, kind);
    if (isNew) this.#started.set(cache, cache.start());
    await this.#started.get(cache);
    return { kind, storage: new ObjectStorage(kind, this.#options.store, cache, { conversion }) };
  }

  /** As `serveLater`, of a version that has a store of its own, which shows all objects in that version, and may take its time. */
  serveConverted(kind: Kind, conversion: Conversion, store: Store): StoredKind {
    const prefix = prefixOf(kind);
    const cache = new WatchCache({ ...this.#options, store, kind, prefix });
    this.#caches.set(`${prefix}@${kind.version}`, cache);
    cache.startEventually();
    return { kind, storage: new ObjectStorage(kind, store, cache, { conversion }) };
  }

  /** Lets go of what `serveLater` and `serveConverted` have begun, for all versions of the kind. */
  release(kind: KindReference): void {
    const prefix = prefixOf(kind);
    for (const [key, cache] of this.#caches) {
      if (key !== prefix && !key.startsWith(`${prefix}@`)) continue;
      cache.close();
      this.#caches.delete(key);
    }
  }

  /** Resolves once every cache shows what the store holds. */
  async start(): Promise<void> {
    await Promise.all([...this.#caches.values()].map((cache) => cache.start()));
  }

  close(): void {
    for (const cache of this.#caches.values()) cache.close();
  }

  #cacheOf(home: KindReference, kind: Kind): WatchCache {
    const prefix = prefixOf(home);
    let cache = this.#caches.get(prefix);
    if (!cache) {
      const indexedField = indexedValueOf(kind);
      cache = new WatchCache({ ...this.#options, kind, prefix, ...(indexedField ? { indexedField } : {}) });
      this.#caches.set(prefix, cache);
    }
    return cache;
  }
}

/** Of `/registry/GROUP/RESOURCE/[NAMESPACE/]NAME`, with `core` for the group without a name. */
function prefixOf({ group, plural }: KindReference): string {
  return `/registry/${group === "" ? "core" : group}/${plural}/`;
}

function same(left: KindReference, right: KindReference): boolean {
  return left.group === right.group && left.plural === right.plural;
}
