import { compareKeys } from "./key-order.ts";
import type { KeyRevision, Ledger } from "./ledger.ts";
import type { Entry } from "./store.ts";

/**
 * The state at one revision: the ledger's newest state, with what changed since taken back. To be refreshed before
 * each use, for it knows only of changes up to then.
 */
export class StateAtRevision {
  readonly #ledger: Ledger;
  /** Changes up to here have been taken back. */
  #seen: number;
  /** For each key changed since, the revision it was at; 0 where it did not exist. */
  #before: ReadonlyMap<string, number> = new Map();

  constructor(ledger: Ledger, revision: number) {
    this.#ledger = ledger;
    this.#seen = revision;
  }

  /** Takes back changes up to `newest`, and those under way, which the ledger may show already. */
  refresh(newest: number, underWay: ReadonlyMap<string, number>): this {
    if (this.#seen === newest && (this.#before.size === 0 || underWay.size === 0)) {
      if (underWay.size > 0) this.#before = underWay;
      return this;
    }
    const before = new Map(this.#before);
    for (const { key, previous } of this.#ledger.changes(this.#seen, newest)) {
      if (!before.has(key)) before.set(key, previous);
    }
    // What is under way may yet fail: then its keys stay where they are, which is what is noted here.
    for (const [key, revision] of underWay) if (!before.has(key)) before.set(key, revision);
    this.#before = before;
    this.#seen = newest;
    return this;
  }

  get(key: string): Entry | undefined {
    return entryAt(this.#ledger, this.#before.get(key) ?? this.#ledger.revisionOf(key));
  }

  /** Up to `limit` entries under `prefix` beyond `after`, and whether there are more. */
  page(prefix: string, after: string | undefined, limit: number): { entries: Entry[]; more: boolean } {
    const entries: Entry[] = [];
    for (const { revision } of this.#rows(prefix, after)) {
      if (entries.length >= limit) return { entries, more: true };
      const entry = entryAt(this.#ledger, revision);
      if (entry !== undefined) entries.push(entry);
    }
    return { entries, more: false };
  }

  count(prefix: string, after?: string): number {
    let count = this.#ledger.count(prefix, after);
    for (const [key, revision] of this.#before) {
      if (!isWithin(key, prefix, after)) continue;
      count += Number(revision !== 0) - Number(this.#ledger.revisionOf(key) !== 0);
    }
    return count;
  }

  /** Two sorted streams in one: keys that have not changed since, and the former revisions of those that have. */
  *#rows(prefix: string, after: string | undefined): Iterable<KeyRevision> {
    const former = this.#former(prefix, after)[Symbol.iterator]();
    let next = former.next();
    for (const row of this.#ledger.keys(prefix, after)) {
      for (; !next.done && compareKeys(next.value.key, row.key) <= 0; next = former.next()) yield next.value;
      if (!this.#before.has(row.key)) yield row;
    }
    for (; !next.done; next = former.next()) yield next.value;
  }

  #former(prefix: string, after: string | undefined): KeyRevision[] {
    const former: KeyRevision[] = [];
    for (const [key, revision] of this.#before) {
      if (revision !== 0 && isWithin(key, prefix, after)) former.push({ key, revision });
    }
    return former.toSorted((left, right) => compareKeys(left.key, right.key));
  }
}

function isWithin(key: string, prefix: string, after: string | undefined): boolean {
  return key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0);
}

/** The value written at `revision`; undefined for revision 0. */
export function entryAt(ledger: Ledger, revision: number): Entry | undefined {
  if (revision === 0) return undefined;
  const change = ledger.change(revision);
  if (change === undefined) throw new Error(`the store is damaged: revision ${revision} is in use but its value is missing`);
  return { key: change.key, value: change.value, revision };
}
