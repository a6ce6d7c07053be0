import { type Change, changeBytes, type Expiry, type Ledger } from "./ledger.ts";
import { entryAt } from "./state-at-revision.ts";
import type { Entry, WriteResult } from "./store.ts";

/** A write as a client asked for it; without a `value` it deletes. */
export interface Write {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  /** The revision the key has to be at; 0: it may not exist. */
  readonly expected: number;
  readonly expiresAt: number;
}

const nothing = new Uint8Array(0);

/**
 * What a group of writes comes to, decided in their order and before anything is written: each sees what those
 * before it in the group did.
 */
export class BatchPlan {
  readonly changes: Change[] = [];
  readonly settled: Expiry[] = [];
  /** For each key changed here, the revision it was at before; 0 where it did not exist. */
  readonly before = new Map<string, number>();
  bytes = 0;

  readonly #ledger: Ledger;
  readonly #newest = new Map<string, Change>();
  #revision: number;

  /** Revisions are given from `lastRevision` + 1. */
  constructor(ledger: Ledger, lastRevision: number) {
    this.#ledger = ledger;
    this.#revision = lastRevision;
  }

  /** The result that `write` has once this batch is durable. */
  add(write: Write): WriteResult {
    const { key, value, expected } = write;
    const revision = this.#revisionOf(key);
    if (revision !== expected) return { written: false, current: this.#entry(key, revision) };
    // Deleting what does not exist changes nothing: there is no revision to give.
    if (value === undefined && revision === 0) return { written: false, current: undefined };
    const type = value === undefined ? "delete" : "put";
    return { written: true, revision: this.#change(type, key, value ?? nothing, revision, write.expiresAt) };
  }

  /** Deletes what `expiry` speaks of, if it is still there. */
  expire(expiry: Expiry): void {
    this.settled.push(expiry);
    const expired = this.#ledger.change(expiry.revision);
    if (expired !== undefined && this.#revisionOf(expired.key) === expiry.revision) {
      this.#change("delete", expired.key, nothing, expiry.revision, 0);
    }
  }

  #change(type: Change["type"], key: string, value: Uint8Array, previous: number, expiresAt: number): number {
    const change: Change = { revision: ++this.#revision, type, key, value, previous, expiresAt };
    this.changes.push(change);
    this.bytes += changeBytes(change);
    if (!this.before.has(key)) this.before.set(key, previous);
    this.#newest.set(key, change);
    return change.revision;
  }

  #revisionOf(key: string): number {
    const change = this.#newest.get(key);
    if (change === undefined) return this.#ledger.revisionOf(key);
    return change.type === "put" ? change.revision : 0;
  }

  #entry(key: string, revision: number): Entry | undefined {
    const change = this.#newest.get(key);
    if (change === undefined) return entryAt(this.#ledger, revision);
    return change.type === "put" ? { key, value: change.value, revision } : undefined;
  }
}
