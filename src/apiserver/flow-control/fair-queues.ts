import type { QueuingConfiguration } from "#api/generated/flowcontrol-v1.ts";
import { handOf } from "./shuffle-sharding.ts";

/** A request that waits for seats. */
export interface Waiting {
  /** Which flow it is of. */
  flow(): string;
  readonly seats: number;
}

interface Queue<T extends Waiting> {
  readonly waiting: T[];
  /** Virtual time at which its first request is due: the earlier, the less the queue has had. */
  due: number;
}

/** How long a request is thought to take before it is known, in milliseconds of virtual time for each of its seats. */
const guessMilliseconds = 3;

/**
 * The queues of a level: a flow's requests wait in the shortest of its hand, and the queue that has had least is served first (KEP-1040,
 * fair queuing). Virtual time goes as fast as each of the queues that are not empty gets on, when all get on alike.
 */
export class FairQueues<T extends Waiting> {
  readonly #options: QueuingConfiguration;
  readonly #queues: readonly Queue<T>[];
  readonly #queueOf = new Map<T, Queue<T>>();
  #virtualNow = 0;
  #realNow = 0;

  constructor(options: QueuingConfiguration) {
    this.#options = options;
    this.#queues = Array.from({ length: options.queues }, () => ({ waiting: [], due: 0 }));
  }

  /** How many wait. */
  get size(): number {
    return this.#queueOf.size;
  }

  /** @returns false where the shortest of its queues is full */
  add(request: T): boolean {
    const hand = handOf(request.flow(), this.#options.queues, this.#options.handSize).map((index) => this.#queues[index]);
    const queue = hand.reduce((best, each) => (each && (!best || seatsIn(each) < seatsIn(best)) ? each : best), undefined);
    if (!queue || queue.waiting.length >= this.#options.queueLengthLimit) return false;
    if (queue.waiting.length === 0) queue.due = Math.max(queue.due, this.#virtualNow);
    queue.waiting.push(request);
    this.#queueOf.set(request, queue);
    return true;
  }

  /** No longer waits. */
  remove(request: T): void {
    const queue = this.#queueOf.get(request);
    if (!queue) return;
    this.#queueOf.delete(request);
    queue.waiting.splice(queue.waiting.indexOf(request), 1);
  }

  /** The request whose turn it is, which goes on waiting until it is taken. */
  next(): T | undefined {
    return this.#nextQueue()?.waiting[0];
  }

  /** Takes the request whose turn it is. @returns how to tell, when it is done, how long it took in milliseconds */
  take(): ((took: number) => void) | undefined {
    const queue = this.#nextQueue();
    const request = queue?.waiting.shift();
    if (!queue || !request) return undefined;
    this.#queueOf.delete(request);
    queue.due += request.seats * guessMilliseconds;
    return (took) => (queue.due += request.seats * (took - guessMilliseconds));
  }

  /** Lets virtual time go on. @param at milliseconds @param limit seats of the level */
  advance(at: number, limit: number): void {
    const busy = this.size === 0 ? 0 : this.#queues.filter(({ waiting }) => waiting.length > 0).length;
    if (busy > 0) this.#virtualNow += ((at - this.#realNow) * limit) / busy;
    this.#realNow = at;
  }

  all(): readonly T[] {
    return [...this.#queueOf.keys()];
  }

  #nextQueue(): Queue<T> | undefined {
    if (this.size === 0) return undefined;
    let best: Queue<T> | undefined;
    for (const queue of this.#queues) if (queue.waiting.length > 0 && (!best || queue.due < best.due)) best = queue;
    return best;
  }
}

function seatsIn({ waiting }: Queue<Waiting>): number {
  return waiting.reduce((sum, { seats }) => sum + seats, 0);
}
