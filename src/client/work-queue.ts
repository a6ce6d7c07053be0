import type { Clock, Timer } from "#machinery/clock.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Wait after a key's first failure; doubles with each further one. Default 5 ms. */
  readonly firstRetryMilliseconds?: number;
  /** Default 1,000 s. */
  readonly longestRetryMilliseconds?: number;
}

/**
 * Keys to work on. A key waits at most once, and is never worked on twice at the same time: added while being worked on, it comes
 * again when that is done. Its length is bounded by the number of keys there are.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #firstRetry: number;
  readonly #longestRetry: number;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { at: number; timer: Timer }>();
  readonly #resting = new Map<string, { readonly timer: Timer; isWanted: boolean }>();
  #stopped = false;
  #wake: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#firstRetry = options.firstRetryMilliseconds ?? 5;
    this.#longestRetry = options.longestRetryMilliseconds ?? 1_000_000;
  }

  /** How many keys wait for a worker. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Whether nothing waits, is worked on, or is due later. */
  get idle(): boolean {
    const isWanted = [...this.#resting.values()].some((resting) => resting.isWanted);
    return this.#waiting.size + this.#active.size + this.#delayed.size === 0 && !isWanted;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#active.has(key)) {
      this.#again.add(key);
      return;
    }
    const resting = this.#resting.get(key);
    if (resting) {
      resting.isWanted = true;
      return;
    }
    this.#waiting.add(key);
    this.#wake.shift()?.();
  }

  /** Adds the key after a while; of several such wishes the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped) return;
    if (milliseconds <= 0) return this.add(key);
    const at = this.#clock.now() + milliseconds;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.timer.cancel();
    const timer = this.#clock.after(milliseconds, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Until then the key is not worked on, however often it is added: what happens meanwhile is dealt with at once afterwards. */
  rest(key: string, milliseconds: number): void {
    if (this.#stopped || this.#resting.has(key)) return;
    const timer = this.#clock.after(milliseconds, () => {
      const isWanted = this.#resting.get(key)?.isWanted;
      this.#resting.delete(key);
      if (isWanted) this.add(key);
    });
    this.#resting.set(key, { timer, isWanted: false });
  }

  /** Adds the key after a wait that doubles with each failure since the last `forget`. */
  retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#firstRetry * 2 ** failures, this.#longestRetry));
  }

  /** The key succeeded: its next failure counts as the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /**
   * Works on keys until `stop`, `workers` at a time. `work` must handle its own errors: what it throws is handed to `failed`, and the
   * key is retried.
   */
  async run(workers: number, work: (key: string) => Promise<void>, failed: (key: string, error: Error) => void): Promise<void> {
    const worker = async (): Promise<void> => {
      for (let key = await this.#next(); key !== undefined; key = await this.#next()) {
        try {
          await work(key);
          this.forget(key);
        } catch (error) {
          failed(key, error as Error);
          this.retry(key);
        }
        this.#done(key);
      }
    };
    await Promise.all(Array.from({ length: workers }, worker));
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of [...this.#delayed.values(), ...this.#resting.values()]) timer.cancel();
    this.#delayed.clear();
    this.#resting.clear();
    this.#waiting.clear();
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #next(): Promise<string | undefined> {
    while (!this.#stopped) {
      const first = this.#waiting.values().next();
      if (first.done !== true) {
        this.#waiting.delete(first.value);
        this.#active.add(first.value);
        return first.value;
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return undefined;
  }

  #done(key: string): void {
    this.#active.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }
}
