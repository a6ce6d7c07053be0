import type { HistoryLimits, Store, StoreClock } from "../store.ts";
import { VersionedStore } from "../versioned-store.ts";
import { MemoryLedger } from "./memory-ledger.ts";

export interface MemoryStoreOptions {
  readonly clock: StoreClock;
  readonly history?: Partial<HistoryLimits>;
}

const defaultHistory: HistoryLimits = { revisions: 20_000, bytes: 64 * 1024 * 1024 };

/** A store that forgets everything when the process ends; for tests and simulations. */
export function createMemoryStore({ clock, history }: MemoryStoreOptions): Store {
  return new VersionedStore(new MemoryLedger(), { clock, history: { ...defaultHistory, ...history } });
}
