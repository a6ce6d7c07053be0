import { setImmediate } from "node:timers";
import type { RangeOptions, RootDatabase } from "lmdb";
import type { Batch, Change, Expiry, KeyRevision, Ledger, LedgerBounds } from "../ledger.ts";
import { explain } from "./disk-errors.ts";
import { nothing, openTables, type Tables } from "./tables.ts";

/** Called when a ledger is closed. */
interface Told {
  /** All is written, and the environment still open. */
  closing(): void;
  closed(): void;
}

/** A ledger in an LMDB environment: its tables change together, in one transaction per batch. */
export class LmdbLedger implements Ledger {
  readonly opened: LedgerBounds;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #directory: string;
  readonly #told: Told;
  readonly #tables: Tables;

  constructor(root: RootDatabase<Buffer, Buffer>, directory: string, told: Told) {
    this.#root = root;
    this.#directory = directory;
    this.#told = told;
    this.#tables = openTables(root);
    this.opened = this.#bounds();
  }

  revisionOf(key: string): number {
    return this.#tables.keys.get(key) ?? 0;
  }

  change(revision: number): Change | undefined {
    return this.#tables.changes.get(revision);
  }

  *changes(after: number, to: number): Iterable<Change> {
    if (after >= to) return;
    for (const { value } of this.#tables.changes.getRange({ start: after + 1, end: to + 1 })) yield value;
  }

  *keys(prefix: string, after: string | undefined): Iterable<KeyRevision> {
    for (const { key, value } of this.#tables.keys.getRange(rangeUnder(prefix, after))) yield { key: String(key), revision: value };
  }

  count(prefix: string, after: string | undefined): number {
    return this.#tables.keys.getKeysCount(rangeUnder(prefix, after));
  }

  due(now: number, limit: number): Expiry[] {
    const keys = this.#tables.expiries.getKeys({ start: [0, 0], end: [now + 1, 0], limit });
    return [...keys].map(([at, revision]) => ({ at, revision }));
  }

  nextDue(): number | undefined {
    for (const [at] of this.#tables.expiries.getKeys({ start: [0, 0], limit: 1 })) return at;
    return undefined;
  }

  async commit(batch: Batch): Promise<void> {
    try {
      await this.#root.batch(() => this.#write(batch));
    } catch (error) {
      throw await explain(error, this.#directory);
    }
  }

  pause(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    this.#told.closing();
    await this.#root.close();
    this.#told.closed();
  }

  /** Only hands the batch to LMDB's own thread, which writes it and flushes it to disk. */
  #write({ changes, forgotten, settled, oldest, historyBytes }: Batch): void {
    const tables = this.#tables;
    for (const change of changes) {
      void tables.changes.put(change.revision, change);
      if (change.type === "delete") void tables.keys.remove(change.key);
      else void tables.keys.put(change.key, change.revision);
      if (change.expiresAt !== 0) void tables.expiries.put([change.expiresAt, change.revision], nothing);
    }
    for (const revision of forgotten) void tables.changes.remove(revision);
    for (const { at, revision } of settled) void tables.expiries.remove([at, revision]);
    void tables.bounds.put("bounds", [oldest, historyBytes]);
  }

  #bounds(): LedgerBounds {
    const [oldest, historyBytes] = this.#tables.bounds.get("bounds") ?? [0, 0];
    let newest = oldest;
    for (const revision of this.#tables.changes.getKeys({ start: Number.MAX_SAFE_INTEGER, reverse: true, limit: 1 })) {
      newest = Math.max(newest, revision);
    }
    return { newest, oldest, historyBytes };
  }
}

function rangeUnder(prefix: string, after: string | undefined): RangeOptions {
  const first = Buffer.from(prefix);
  // The key right after another is the same with a zero byte at its end.
  const next = after === undefined ? first : Buffer.from(`${after}\0`);
  return { start: Buffer.compare(first, next) > 0 ? first : next, end: endOf(first) };
}

/** What comes after everything that starts with `prefix`. UTF-8 has no byte 0xff, so its last byte can be raised. */
function endOf(prefix: Buffer): Buffer {
  const last = prefix.at(-1);
  if (last === undefined) return Buffer.from([0xff]);
  const end = Buffer.from(prefix);
  end[end.length - 1] = last + 1;
  return end;
}
