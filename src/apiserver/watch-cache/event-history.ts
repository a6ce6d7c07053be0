import type { CacheEvent } from "./cache-event.ts";

/** The newest events of one kind, up to a number of them: what watchers can resume from. */
export class EventHistory {
  readonly #limit: number;
  #events: CacheEvent[] = [];
  /** How many of the events at the front have been dropped, not yet cut off. */
  #start = 0;
  /** All events after this revision are here. */
  #completeAfter: number;

  /** @param revision what came up to this revision is not here */
  constructor(limit: number, revision: number) {
    this.#limit = limit;
    this.#completeAfter = revision;
  }

  add(event: CacheEvent): void {
    this.#events.push(event);
    if (this.#events.length - this.#start <= this.#limit) return;
    const dropped = this.#events[this.#start++];
    if (dropped) this.#completeAfter = dropped.revision;
    if (this.#start < this.#limit) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }

  /** Events after `revision`, in order; `undefined` where some of them are gone. */
  after(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#completeAfter) return undefined;
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event !== undefined && event.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  /** The oldest revision from which a watch can resume. */
  get oldest(): number {
    return this.#completeAfter;
  }
}
