import type { StoreEvent, WatchListener } from "../store.ts";

/** A listener that keeps what it is told, and lets a test wait for it. */
export class Recorder implements WatchListener {
  readonly batches: (readonly StoreEvent[])[] = [];
  readonly progressed: number[] = [];
  error: Error | undefined;
  #waiters: { isMet: () => boolean; resolve: () => void }[] = [];

  get received(): StoreEvent[] {
    return this.batches.flat();
  }

  /** Events in short: `put a=1 @3`. */
  get summary(): string[] {
    return this.received.map(({ type, key, value, revision }) => `${type} ${key}=${text(value)} @${revision}`);
  }

  events(batch: readonly StoreEvent[]): void {
    this.batches.push(batch);
    this.#check();
  }

  progress(revision: number): void {
    this.progressed.push(revision);
    this.#check();
  }

  ended(error: Error): void {
    this.error = error;
    this.#check();
  }

  /** Resolves when progress has reached `revision`. */
  reached(revision: number): Promise<void> {
    return this.until(() => (this.progressed.at(-1) ?? 0) >= revision);
  }

  until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isMet, resolve });
      this.#check();
    });
  }

  #check(): void {
    const met = this.#waiters.filter(({ isMet }) => isMet());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value);
}
