import type { Clock, Timer } from "#machinery/clock.ts";

export interface PollingOptions {
  readonly clock: Clock;
  /** Finds everything out anew. Does not reject. */
  round(): Promise<void>;
}

/** Rounds follow each other so soon while somebody wants to know, and otherwise so seldom that rates are there when somebody does. */
export const periodMilliseconds = 15_000;
export const idlePeriodMilliseconds = 60_000;
const idleAfterMilliseconds = 300_000;

/** Finds figures out again and again, and at once for who asks when the last ones are too old. */
export class Polling {
  readonly #options: PollingOptions;
  #timer: Timer | undefined;
  #running = false;
  #lastAsked = Number.NEGATIVE_INFINITY;
  #lastRound = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | undefined;

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  /** Resolves once there are figures that are not older than a period. */
  async fresh(): Promise<void> {
    const now = this.#options.clock.now();
    this.#lastAsked = now;
    if (now - this.#lastRound >= periodMilliseconds) await this.#ask();
  }

  #schedule(milliseconds: number): void {
    if (!this.#running) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(milliseconds, () => {
      const isIdle = this.#options.clock.now() - this.#lastAsked > idleAfterMilliseconds;
      void this.#ask().then(() => this.#schedule(isIdle ? idlePeriodMilliseconds : periodMilliseconds));
    });
  }

  /** Those who come meanwhile wait for the same round. */
  #ask(): Promise<void> {
    this.#round ??= this.#options.round().finally(() => {
      this.#round = undefined;
      this.#lastRound = this.#options.clock.now();
    });
    return this.#round;
  }
}

/** Does the same for each of many, a few at a time. */
export async function forEachOf<T>(items: readonly T[], concurrency: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
}
