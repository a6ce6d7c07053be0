import type { Expiry, Ledger } from "./ledger.ts";
import type { StoreClock } from "./store.ts";

/** Most expiries dealt with in one go. */
const pieceExpiries = 500;
/** A timer longer than this fires early and is set anew: timers overflow after 24.8 days. */
const longestTimerMilliseconds = 24 * 60 * 60 * 1000;
const retryMilliseconds = 1000;

/** When a value written at `now` to live `seconds` is to be deleted: on a whole second, so that many go together. */
export function expiryTime(now: number, seconds: number): number {
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new Error(`a time to live of ${seconds} s is not possible`);
  return Math.ceil((now + seconds * 1000) / 1000) * 1000;
}

/** Calls `expire` for the recorded expiries when they are due, with one timer for all. */
export class Expirer {
  readonly #ledger: Ledger;
  readonly #clock: StoreClock;
  readonly #expire: (due: readonly Expiry[]) => Promise<void>;
  #timer: { at: number; cancel(): void } | undefined;
  #isStopped = false;

  constructor(ledger: Ledger, clock: StoreClock, expire: (due: readonly Expiry[]) => Promise<void>) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#expire = expire;
  }

  /** Sees to it that something due at `at` (never, when absent) is not missed. */
  arm(at: number | undefined): void {
    if (at === undefined || this.#isStopped) return;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const delay = Math.min(Math.max(0, at - this.#clock.now()), longestTimerMilliseconds);
    const timer = this.#clock.after(delay, () => void this.#run());
    this.#timer = { at, cancel: () => timer.cancel() };
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    const now = this.#clock.now();
    let next: number | undefined;
    try {
      const due = this.#ledger.due(now, pieceExpiries);
      if (due.length > 0) await this.#expire(due);
      if (!this.#isStopped) next = this.#ledger.nextDue();
    } catch {
      // The disk is full, say: those who write are told, and this tries again.
      next = now + retryMilliseconds;
    }
    this.#timer = undefined;
    this.arm(next);
  }
}
