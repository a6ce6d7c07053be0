import type { StoreClock } from "../store.ts";

/** A clock that a test moves by hand. */
export class ManualClock implements StoreClock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  constructor(startMilliseconds = 1_700_000_000_000) {
    this.#now = startMilliseconds;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): { cancel(): void } {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      if (this.#timers.delete(timer)) timer.callback();
    }
  }

  get timers(): number {
    return this.#timers.size;
  }
}
