import type { Change } from "./ledger.ts";
import type { StoreEvent, Watch, WatchListener } from "./store.ts";

/** One watcher: what it wants, and up to where it has been served. */
export interface Subscription extends Watch {
  readonly prefix: string;
  readonly listener: WatchListener;
  /** Revisions up to here do not interest it. */
  readonly afterRevision: number;
  readonly closed: boolean;
}

/** Gives each durable change to those who watch a prefix of its key. Watchers of one prefix get the very same array. */
export class WatchHub {
  readonly #groups = new Map<string, Set<Subscription>>();
  readonly #progressing = new Set<Subscription>();
  /** The distinct lengths of watched prefixes, so that a key finds its groups without looking at all of them. */
  #lengths: readonly number[] = [];

  add(subscription: Subscription): void {
    const group = this.#groups.get(subscription.prefix);
    if (group !== undefined) group.add(subscription);
    else this.#groups.set(subscription.prefix, new Set([subscription]));
    if (subscription.listener.progress !== undefined) this.#progressing.add(subscription);
    this.#measure();
  }

  remove(subscription: Subscription): void {
    this.#progressing.delete(subscription);
    const group = this.#groups.get(subscription.prefix);
    if (group?.delete(subscription) !== true || group.size > 0) return;
    this.#groups.delete(subscription.prefix);
    this.#measure();
  }

  /** Delivers `changes` and then tells of the progress to `revision`. `eventOf` is asked once for each change that is watched. */
  publish(changes: readonly Change[], revision: number, eventOf: (change: Change) => StoreEvent): void {
    for (const [prefix, events] of this.#sort(changes, eventOf)) {
      for (const subscription of this.#groups.get(prefix) ?? []) deliver(subscription, events);
    }
    for (const subscription of this.#progressing) reportProgress(subscription, revision);
  }

  /** Ends every watch. */
  end(error: Error): void {
    const all = [...this.#groups.values()].flatMap((group) => [...group]);
    for (const subscription of all) endWatch(subscription, error);
  }

  #sort(changes: readonly Change[], eventOf: (change: Change) => StoreEvent): Map<string, StoreEvent[]> {
    const sorted = new Map<string, StoreEvent[]>();
    for (const change of changes) {
      let event: StoreEvent | undefined;
      for (const length of this.#lengths) {
        if (length > change.key.length) break;
        const prefix = change.key.slice(0, length);
        if (!this.#groups.has(prefix)) continue;
        event ??= eventOf(change);
        const events = sorted.get(prefix);
        if (events === undefined) sorted.set(prefix, [event]);
        else events.push(event);
      }
    }
    return sorted;
  }

  #measure(): void {
    this.#lengths = [...new Set([...this.#groups.keys()].map((prefix) => prefix.length))].toSorted((left, right) => left - right);
  }
}

/** Hands over those of `events` that the watcher has not had. A listener that throws loses its watch, and disturbs nobody else. */
export function deliver(subscription: Subscription, events: readonly StoreEvent[]): void {
  if (subscription.closed) return;
  const { afterRevision, listener } = subscription;
  const first = events[0];
  const fresh = first !== undefined && first.revision > afterRevision ? events : events.filter(({ revision }) => revision > afterRevision);
  if (fresh.length === 0) return;
  guard(subscription, () => listener.events(fresh));
}

export function reportProgress(subscription: Subscription, revision: number): void {
  if (subscription.closed || revision < subscription.afterRevision) return;
  guard(subscription, () => subscription.listener.progress?.(revision));
}

/** Closes the watch and tells its listener why. */
export function endWatch(subscription: Subscription, error: Error): void {
  if (subscription.closed) return;
  subscription.close();
  try {
    subscription.listener.ended(error);
  } catch {
    // It has been told; what it makes of that is its own affair.
  }
}

function guard(subscription: Subscription, action: () => void): void {
  try {
    action();
  } catch (cause) {
    endWatch(subscription, new Error("the watch's listener threw an error", { cause }));
  }
}
