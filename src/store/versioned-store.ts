import { Expirer, expiryTime } from "./expirer.ts";
import { GroupCommit } from "./group-commit.ts";
import { checkKey, isPossibleKey, isPossiblePrefix } from "./key-order.ts";
import type { Change, Ledger } from "./ledger.ts";
import { entryAt, StateAtRevision } from "./state-at-revision.ts";
import { CompactedError, FutureRevisionError, StoreClosedError } from "./store.ts";
import type { Entry, HistoryLimits, Listing, ListOptions, PutOptions, Store, StoreClock, StoreEvent, Watch, WatchListener, WriteResult } from "./store.ts";
import { deliver, endWatch, reportProgress, type Subscription, WatchHub } from "./watch-hub.ts";

/** How many entries or changes are read before other work gets its turn. */
const pieceEntries = 1000;

export interface VersionedStoreOptions {
  readonly clock: StoreClock;
  readonly history: HistoryLimits;
}

/**
 * A store over a ledger: revisions, compare-and-swap, the past, watches and expiry are here, once for every place that
 * changes can be kept in.
 */
export class VersionedStore implements Store {
  readonly #ledger: Ledger;
  readonly #clock: StoreClock;
  readonly #commits: GroupCommit;
  readonly #hub = new WatchHub();
  readonly #expirer: Expirer;
  #closing: Promise<void> | undefined;

  constructor(ledger: Ledger, { clock, history }: VersionedStoreOptions) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#commits = new GroupCommit(ledger, history, (changes) => this.#announce(changes));
    this.#expirer = new Expirer(ledger, clock, (due) => this.#commits.submit((plan) => due.forEach((expiry) => plan.expire(expiry))));
    this.#expirer.arm(ledger.nextDue());
  }

  revision(): number {
    return this.#commits.revision;
  }

  async get(key: string, atRevision = this.revision()): Promise<Entry | undefined> {
    const state = this.#refresh(new StateAtRevision(this.#ledger, atRevision), atRevision);
    return isPossibleKey(key) ? state.get(key) : undefined;
  }

  async list(prefix: string, { limit = Infinity, after, atRevision = this.revision() }: ListOptions = {}): Promise<Listing> {
    if (after !== undefined) checkKey(after);
    const state = new StateAtRevision(this.#ledger, atRevision);
    const entries: Entry[] = [];
    const unpin = this.#commits.pin(atRevision);
    try {
      for (;;) {
        this.#refresh(state, atRevision);
        if (!isPossiblePrefix(prefix)) return { entries, revision: atRevision, more: false, remaining: 0 };
        const last = entries.at(-1)?.key ?? after;
        const page = state.page(prefix, last, Math.min(limit - entries.length, pieceEntries));
        entries.push(...page.entries);
        if (!page.more) return { entries, revision: atRevision, more: false, remaining: 0 };
        if (entries.length >= limit) {
          return { entries, revision: atRevision, more: true, remaining: state.count(prefix, entries.at(-1)?.key ?? after) };
        }
        await this.#ledger.pause();
      }
    } finally {
      unpin();
    }
  }

  async count(prefix: string): Promise<number> {
    const revision = this.revision();
    const state = this.#refresh(new StateAtRevision(this.#ledger, revision), revision);
    return isPossiblePrefix(prefix) ? state.count(prefix) : 0;
  }

  async put(key: string, value: Uint8Array, expected: number, { timeToLiveSeconds }: PutOptions = {}): Promise<WriteResult> {
    checkKey(key);
    const expiresAt = timeToLiveSeconds === undefined ? 0 : expiryTime(this.#clock.now(), timeToLiveSeconds);
    return this.#commits.submit((plan) => plan.add({ key, value, expected, expiresAt }));
  }

  async delete(key: string, expected: number): Promise<WriteResult> {
    checkKey(key);
    return this.#commits.submit((plan) => plan.add({ key, value: undefined, expected, expiresAt: 0 }));
  }

  async watch(prefix: string, afterRevision: number, listener: WatchListener): Promise<Watch> {
    this.#checkOpen();
    if (afterRevision < this.#commits.oldest) throw new CompactedError(afterRevision, this.#commits.oldest);
    const subscription = this.#subscription(prefix, afterRevision, listener);
    if (afterRevision < this.revision()) void this.#catchUp(subscription);
    else this.#hub.add(subscription);
    return subscription;
  }

  async compact(revision: number): Promise<void> {
    return this.#commits.compact(revision);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#expirer.stop();
    await this.#commits.close();
    this.#hub.end(new StoreClosedError());
    await this.#ledger.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError();
  }

  #refresh(state: StateAtRevision, revision: number): StateAtRevision {
    this.#checkOpen();
    if (revision < this.#commits.oldest) throw new CompactedError(revision, this.#commits.oldest);
    if (revision > this.revision()) throw new FutureRevisionError(revision, this.revision());
    return state.refresh(this.revision(), this.#commits.underWay);
  }

  #announce(changes: readonly Change[]): void {
    try {
      this.#hub.publish(changes, this.revision(), (change) => this.#eventOf(change));
    } catch (error) {
      // What is written is written; but nobody may believe to have seen it.
      this.#hub.end(new Error("a change could not be read back", { cause: error }));
    }
    for (const { expiresAt } of changes) if (expiresAt !== 0) this.#expirer.arm(expiresAt);
  }

  #eventOf({ type, key, value, revision, previous }: Change): StoreEvent {
    const former = entryAt(this.#ledger, previous);
    return { type, key, value: type === "delete" && former !== undefined ? former.value : value, revision, previous: former };
  }

  #subscription(prefix: string, afterRevision: number, listener: WatchListener): Subscription {
    const hub = this.#hub;
    let closed = false;
    return {
      prefix,
      listener,
      afterRevision,
      get closed() {
        return closed;
      },
      close() {
        closed = true;
        hub.remove(this);
      },
    };
  }

  /** Reads the past piece by piece, as fast as the listener takes it, and joins the others where the present begins. */
  async #catchUp(subscription: Subscription): Promise<void> {
    let position = subscription.afterRevision;
    while (!subscription.closed) {
      await this.#ledger.pause();
      if (subscription.closed) return;
      try {
        this.#checkOpen();
        if (position < this.#commits.oldest) throw new CompactedError(position, this.#commits.oldest);
        position = this.#deliverPast(subscription, position);
      } catch (error) {
        return endWatch(subscription, error instanceof Error ? error : new Error(String(error)));
      }
      if (position < this.revision() || subscription.closed) continue;
      this.#hub.add(subscription);
      return reportProgress(subscription, position);
    }
  }

  /** Returns the revision that it got to. */
  #deliverPast(subscription: Subscription, position: number): number {
    const events: StoreEvent[] = [];
    let reached = this.revision();
    let read = 0;
    for (const change of this.#ledger.changes(position, this.revision())) {
      if (change.key.startsWith(subscription.prefix)) events.push(this.#eventOf(change));
      if (++read < pieceEntries) continue;
      reached = change.revision;
      break;
    }
    deliver(subscription, events);
    return reached;
  }
}
