import type { Batch, Change, Expiry, KeyRevision, Ledger, LedgerBounds } from "../ledger.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** A ledger that ends with the process. */
export class MemoryLedger implements Ledger {
  readonly opened: LedgerBounds = { newest: 0, oldest: 0, historyBytes: 0 };
  readonly #changes = new Map<number, Change>();
  readonly #revisions = new Map<string, number>();
  readonly #keys = new SortedKeys();
  /** Revisions by the time they are due; times are whole seconds, so these are few. */
  readonly #expiries = new Map<number, Set<number>>();

  revisionOf(key: string): number {
    return this.#revisions.get(key) ?? 0;
  }

  change(revision: number): Change | undefined {
    return this.#changes.get(revision);
  }

  *changes(after: number, to: number): Iterable<Change> {
    for (let revision = after + 1; revision <= to; revision++) {
      const change = this.#changes.get(revision);
      if (change !== undefined) yield change;
    }
  }

  *keys(prefix: string, after: string | undefined): Iterable<KeyRevision> {
    for (const key of this.#keys.under(prefix, after)) yield { key, revision: this.revisionOf(key) };
  }

  count(prefix: string, after: string | undefined): number {
    return this.#keys.count(prefix, after);
  }

  due(now: number, limit: number): Expiry[] {
    const times = [...this.#expiries.keys()].filter((at) => at <= now).toSorted((left, right) => left - right);
    const due: Expiry[] = [];
    for (const at of times) {
      for (const revision of this.#expiries.get(at) ?? []) {
        if (due.length >= limit) return due;
        due.push({ at, revision });
      }
    }
    return due;
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const at of this.#expiries.keys()) next = next === undefined ? at : Math.min(next, at);
    return next;
  }

  async commit({ changes, forgotten, settled }: Batch): Promise<void> {
    for (const change of changes) this.#write(change);
    for (const revision of forgotten) this.#changes.delete(revision);
    for (const expiry of settled) this.#settle(expiry);
  }

  async pause(): Promise<void> {}

  async close(): Promise<void> {
    this.#changes.clear();
  }

  #write(change: Change): void {
    const { key, revision, expiresAt } = change;
    this.#changes.set(revision, change);
    if (change.type === "delete") {
      if (this.#revisions.delete(key)) this.#keys.delete(key);
      return;
    }
    if (!this.#revisions.has(key)) this.#keys.add(key);
    this.#revisions.set(key, revision);
    if (expiresAt === 0) return;
    const revisions = this.#expiries.get(expiresAt);
    if (revisions === undefined) this.#expiries.set(expiresAt, new Set([revision]));
    else revisions.add(revision);
  }

  #settle({ at, revision }: Expiry): void {
    const revisions = this.#expiries.get(at);
    revisions?.delete(revision);
    if (revisions?.size === 0) this.#expiries.delete(at);
  }
}
