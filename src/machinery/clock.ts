/** Time, as every component sees it: handed in through constructors, so that a test or a simulation can own it. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back. For measuring how long something takes. */
  monotonic(): number;
  /** Calls `callback` once after `milliseconds`. */
  after(milliseconds: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Resolves after `milliseconds`, or rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const aborted = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(milliseconds, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, callback) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = left > longestTimeout ? setTimeout(() => wait(left - longestTimeout), longestTimeout) : setTimeout(callback, left);
    };
    wait(milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Some 25 days: what is longer, `setTimeout` takes for nothing. */
const longestTimeout = 2 ** 31 - 1;

/** A clock that stands still until `advance` is called; due callbacks then run in the order of their times. */
export class VirtualClock implements Clock {
  #now: number;
  #sequence = 0;
  readonly #pending = new Map<number, { at: number; callback: () => void }>();

  constructor(startMilliseconds = 0) {
    this.#now = startMilliseconds;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const id = this.#sequence++;
    this.#pending.set(id, { at: this.#now + Math.max(0, milliseconds), callback });
    return { cancel: () => void this.#pending.delete(id) };
  }

  /** Moves time on, running what becomes due and letting promises settle after each callback. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [id, due] = next;
      this.#pending.delete(id);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): [number, { at: number; callback: () => void }] | undefined {
    let first: [number, { at: number; callback: () => void }] | undefined;
    for (const entry of this.#pending) {
      if (entry[1].at <= end && (first === undefined || entry[1].at < first[1].at)) first = entry;
    }
    return first;
  }
}

/** Lets everything that waits on already settled promises run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
