/**
 * What the API server keeps its objects in: keys, bytes and one global revision, as etcd has them.
 *
 * Invariants, which every implementation must hold (one shared suite checks them):
 * - Every successful write gets the next revision, greater than any before it, also across restarts.
 * - A write's promise resolves only after the write is durable, and after `revision()` has reached it.
 * - A watcher sees every event under its prefix after its start revision, once, in the order of revisions.
 * - Values are handed over, not copied: neither side changes the bytes afterwards.
 * - Everything up to `revision()` has been handed to every watcher that is not still catching up with the past.
 *
 * Keys are 1 to `maxKeyBytes` bytes of well-formed text. After `close` everything rejects with StoreClosedError.
 */
export interface Store {
  /** The revision of the newest write; 0 in a store never written to. */
  revision(): number;

  /** The entry at `key` now, or at `atRevision`. @throws CompactedError, FutureRevisionError when there is no such revision. */
  get(key: string, atRevision?: number): Promise<Entry | undefined>;

  /** Entries whose key starts with `prefix`, in key order (by UTF-8 bytes). @throws CompactedError, FutureRevisionError */
  list(prefix: string, options?: ListOptions): Promise<Listing>;

  /** How many keys start with `prefix` now. */
  count(prefix: string): Promise<number>;

  /** Writes `value` where the key is at `expected` (0: does not exist). */
  put(key: string, value: Uint8Array, expected: number, options?: PutOptions): Promise<WriteResult>;

  /** Deletes the key where it is at `expected`. The deletion has a revision of its own. */
  delete(key: string, expected: number): Promise<WriteResult>;

  /**
   * Streams changes under `prefix` with revisions greater than `afterRevision` to `listener`, in order, and
   * revision progress. Events are delivered in batches, each batch after all its writes are durable. The store keeps
   * no queue per watcher: the listener is called from within the store and has to bound what it puts aside.
   * @throws CompactedError when `afterRevision` is older than what is kept.
   */
  watch(prefix: string, afterRevision: number, listener: WatchListener): Promise<Watch>;

  /** Forgets history before `revision`; current values stay. @throws FutureRevisionError */
  compact(revision: number): Promise<void>;

  /** Resolves when everything is on disk and all files are closed. Idempotent. */
  close(): Promise<void>;
}

/** One key at one revision. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the write that made this value. */
  readonly revision: number;
}

export interface ListOptions {
  /** At most this many entries; all when absent. */
  readonly limit?: number;
  /** Start after this key (exclusive), to continue an earlier listing. */
  readonly after?: string;
  /** The state as of this revision; the newest when absent. */
  readonly atRevision?: number;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** The revision that the listing shows. */
  readonly revision: number;
  /** Whether entries follow after the last one. */
  readonly more: boolean;
  /** How many entries follow after the last one; counted only where `more`. */
  readonly remaining: number;
}

export interface PutOptions {
  /** The key is deleted (with an event) this many seconds (rounded up to whole ones) after this write, unless written again. */
  readonly timeToLiveSeconds?: number;
}

/** Either written, at `revision`; or not, because the key was not at the expected revision: `current` is what is there. */
export type WriteResult =
  | { readonly written: true; readonly revision: number }
  | { readonly written: false; readonly current: Entry | undefined };

/** A change of one key. `value` of a deletion is the last value it had. */
export interface StoreEvent {
  readonly type: "put" | "delete";
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
  /** What the key held before; absent when it was created. */
  readonly previous?: Entry;
}

export interface WatchListener {
  /** Called with one or more events in order of revision. Must not throw. */
  events(batch: readonly StoreEvent[]): void;
  /** Everything up to `revision` under the prefix has been delivered. Called after each batch of writes, under any prefix. */
  progress?(revision: number): void;
  /** The watch ended for good: history was lost, the listener fell too far behind, or the store closed. */
  ended(error: Error): void;
}

export interface Watch {
  close(): void;
}

/** The revision asked for is older than the oldest kept. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly oldest: number;
  constructor(asked: number, oldest: number) {
    super(`revision ${asked} has been compacted, the oldest kept is ${oldest}`);
    this.oldest = oldest;
  }
}

/** The revision asked for has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
  constructor(asked: number, newest: number) {
    super(`revision ${asked} is in the future, the newest is ${newest}`);
  }
}

/** The store was closed, by whoever opened it. */
export class StoreClosedError extends Error {
  override readonly name = "StoreClosedError";
  constructor() {
    super("the store is closed");
  }
}

/** What a store needs of a clock; that of machinery fits. */
export interface StoreClock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `callback` once after `milliseconds`. */
  after(milliseconds: number, callback: () => void): { cancel(): void };
}

/** How much of the past a store keeps; the oldest goes first. Current values are kept whatever happens. */
export interface HistoryLimits {
  readonly revisions: number;
  /** Bytes of keys and values that the kept revisions wrote. */
  readonly bytes: number;
}

/** Longest key, in UTF-8. */
export const maxKeyBytes = 1900;
