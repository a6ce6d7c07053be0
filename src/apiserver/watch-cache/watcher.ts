import type { KubeObject } from "#machinery/kind.ts";
import type { WatchSink } from "../answer.ts";
import type { CacheEvent } from "./cache-event.ts";
import type { CachedObject } from "./cached-object.ts";

/** What a watcher wants to see of a kind. */
export interface WatchScope {
  /** "": all namespaces. */
  readonly namespace: string;
  /** Only the object of this name. */
  readonly name?: string;
  /** Only objects with this value of the cache's indexed field. */
  readonly indexedValue?: string;
  /** Absent: all objects. Holds for name and indexed field as well. */
  matches?(object: KubeObject): boolean;
}

/** One watch of a kind. */
export class Watcher {
  readonly scope: WatchScope;
  readonly sink: WatchSink;
  readonly wantsBookmarks: boolean;

  constructor(scope: WatchScope, sink: WatchSink, wantsBookmarks: boolean) {
    this.scope = scope;
    this.sink = sink;
    this.wantsBookmarks = wantsBookmarks;
  }

  /** Tells the watcher of the event, as it looks through its selectors: what begins to match was added, what ceases to was deleted. */
  deliver(event: CacheEvent): void {
    const was = this.#sees(event.before);
    const is = this.#sees(event.after);
    if (is) this.sink.event(event.item(was ? "MODIFIED" : "ADDED"));
    else if (was) this.sink.event(event.item("DELETED"));
  }

  #sees(cached: CachedObject | undefined): boolean {
    if (!cached) return false;
    const { namespace, matches } = this.scope;
    return (namespace === "" || cached.namespace === namespace) && (matches === undefined || matches(cached.object));
  }
}
