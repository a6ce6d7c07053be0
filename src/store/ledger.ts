/**
 * Where a versioned store keeps what was written: every change of the kept past by its revision, and for each key the
 * revision of its newest change. A ledger decides nothing; it writes batches whole or not at all.
 *
 * Reads answer at once, from the newest committed batch. While `commit` is under way they may already show its batch:
 * the versioned store, which knows what is under way, takes that into account.
 */
export interface Ledger {
  /** What was kept when the ledger was opened. */
  readonly opened: LedgerBounds;

  /** The revision of the newest change of `key`; 0 where the key does not exist. */
  revisionOf(key: string): number;

  /** The change made at `revision`; undefined where there is none, or it was forgotten. */
  change(revision: number): Change | undefined;

  /** Changes with `after` < revision <= `to`, in order. Only what is newer than the oldest revision is complete. */
  changes(after: number, to: number): Iterable<Change>;

  /** Existing keys under `prefix` and beyond `after`, in order of their UTF-8 bytes. */
  keys(prefix: string, after: string | undefined): Iterable<KeyRevision>;

  /** How many keys `keys` would give. */
  count(prefix: string, after: string | undefined): number;

  /** Up to `limit` recorded expiries that are due at `now`, earliest first. */
  due(now: number, limit: number): Expiry[];

  /** When the earliest recorded expiry is due. */
  nextDue(): number | undefined;

  /** Resolves when all of the batch is durable; rejects when none of it was written. One at a time. */
  commit(batch: Batch): Promise<void>;

  /** Lets other work of this process run, between two pieces of a long read or before a batch is put together. */
  pause(): Promise<void>;

  close(): Promise<void>;
}

export interface LedgerBounds {
  readonly newest: number;
  /** The oldest revision at which the state is known. */
  readonly oldest: number;
  /** Bytes of the changes after `oldest`. */
  readonly historyBytes: number;
}

/** One write of one key. */
export interface Change {
  readonly revision: number;
  readonly type: "put" | "delete";
  readonly key: string;
  /** Empty for a deletion. */
  readonly value: Uint8Array;
  /** Revision of the value that this change replaced or deleted; 0 where there was none. */
  readonly previous: number;
  /** When the value is to be deleted, in milliseconds since 1970; 0: never. */
  readonly expiresAt: number;
}

export interface KeyRevision {
  readonly key: string;
  readonly revision: number;
}

/** A note that the value written at `revision` is to be deleted, unless its key was written again. */
export interface Expiry {
  readonly at: number;
  readonly revision: number;
}

export interface Batch {
  /** In order of revision, each newer than everything in the ledger. Those with `expiresAt` are noted as expiries. */
  readonly changes: readonly Change[];
  /** Revisions of changes that nobody can ask for any more. */
  readonly forgotten: readonly number[];
  /** Expiries that were dealt with. */
  readonly settled: readonly Expiry[];
  /** The bounds after this batch. */
  readonly oldest: number;
  readonly historyBytes: number;
}

const overheadBytes = 64;

/** What a change counts for in the limits of history. */
export function changeBytes(change: Change): number {
  return change.key.length + change.value.length + overheadBytes;
}
