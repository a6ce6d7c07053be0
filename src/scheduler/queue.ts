import type { Pod } from "#api/core/pod.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { Heap } from "./heap.ts";

/** A pod that waits for a node. */
export interface Waiting {
  readonly pod: Pod;
  /** When it first came, in milliseconds. */
  readonly since: number;
  readonly attempts: number;
  /** Plugins that refused it last. */
  readonly refusedBy: ReadonlySet<string>;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** Called when a pod is ready to be tried. */
  ready(): void;
}

const firstBackoffMilliseconds = 1_000;
const longestBackoffMilliseconds = 10_000;
/** Pods that nothing helped are tried again after this long all the same. */
const longestWaitMilliseconds = 5 * 60_000;
const flushMilliseconds = 30_000;

/**
 * Pods without a node, in three places: active (tried next, by priority, then by age), backing off (tried soon), and unschedulable (waits
 * until something changes that may help it). A pod is in one of them, or being tried.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions;
  readonly #active = new Heap<Waiting>(({ pod }) => pod.metadata.uid, comesFirst);
  readonly #backingOff = new Map<string, { readonly waiting: Waiting; readonly timer: Timer }>();
  readonly #unschedulable = new Map<string, { readonly waiting: Waiting; readonly at: number }>();
  #flush: Timer | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  start(): void {
    this.#flush = this.#options.clock.after(flushMilliseconds, () => {
      const old = this.#options.clock.now() - longestWaitMilliseconds;
      for (const { waiting, at } of [...this.#unschedulable.values()]) if (at < old) this.#activate(waiting);
      this.start();
    });
  }

  stop(): void {
    this.#flush?.cancel();
    for (const { timer } of this.#backingOff.values()) timer.cancel();
  }

  get length(): number {
    return this.#active.size + this.#backingOff.size + this.#unschedulable.size;
  }

  /** A pod that has come, or whose wishes have changed. */
  put(pod: Pod): void {
    const known = this.#take(pod.metadata.uid);
    this.#activate({ pod, since: known?.since ?? this.#options.clock.now(), attempts: known?.attempts ?? 0, refusedBy: new Set() });
  }

  /** The pod as it is now, without trying it for that. */
  refresh(pod: Pod): void {
    const { uid } = pod.metadata;
    const active = this.#active.get(uid);
    if (active) this.#active.put({ ...active, pod });
    const resting = this.#backingOff.get(uid);
    if (resting) this.#backingOff.set(uid, { ...resting, waiting: { ...resting.waiting, pod } });
    const stuck = this.#unschedulable.get(uid);
    if (stuck) this.#unschedulable.set(uid, { ...stuck, waiting: { ...stuck.waiting, pod } });
  }

  remove(uid: string): void {
    this.#take(uid);
  }

  has(uid: string): boolean {
    return this.#active.get(uid) !== undefined || this.#backingOff.has(uid) || this.#unschedulable.has(uid);
  }

  /** The next pod to try. */
  next(): Waiting | undefined {
    return this.#active.pop();
  }

  /** Nothing fits: wait for a change that may help. */
  giveUp(waiting: Waiting, refusedBy: ReadonlySet<string>): void {
    const entry = { ...waiting, attempts: waiting.attempts + 1, refusedBy };
    this.#unschedulable.set(waiting.pod.metadata.uid, { waiting: entry, at: this.#options.clock.now() });
  }

  /** Something went wrong that has nothing to do with nodes: try again soon. */
  retry(waiting: Waiting): void {
    this.#backOff({ ...waiting, attempts: waiting.attempts + 1 });
  }

  /** Something changed: those that it may help are tried again, after their back-off. */
  changed(mayHelp: (waiting: Waiting) => boolean): void {
    for (const { waiting, at } of [...this.#unschedulable.values()]) {
      if (!mayHelp(waiting)) continue;
      this.#unschedulable.delete(waiting.pod.metadata.uid);
      this.#backOff(waiting, at);
    }
  }

  #backOff(waiting: Waiting, since = this.#options.clock.now()): void {
    const backoff = Math.min(firstBackoffMilliseconds * 2 ** Math.max(0, waiting.attempts - 1), longestBackoffMilliseconds);
    const left = since + backoff - this.#options.clock.now();
    if (left <= 0) return this.#activate(waiting);
    const { uid } = waiting.pod.metadata;
    const timer = this.#options.clock.after(left, () => {
      const resting = this.#backingOff.get(uid);
      this.#backingOff.delete(uid);
      if (resting) this.#activate(resting.waiting);
    });
    this.#backingOff.set(uid, { waiting, timer });
  }

  #activate(waiting: Waiting): void {
    this.#unschedulable.delete(waiting.pod.metadata.uid);
    this.#active.put(waiting);
    this.#options.ready();
  }

  #take(uid: string): Waiting | undefined {
    const resting = this.#backingOff.get(uid);
    resting?.timer.cancel();
    this.#backingOff.delete(uid);
    const stuck = this.#unschedulable.get(uid);
    this.#unschedulable.delete(uid);
    return this.#active.remove(uid) ?? resting?.waiting ?? stuck?.waiting;
  }
}

function comesFirst(one: Waiting, other: Waiting): boolean {
  const [a, b] = [one.pod.spec.priority ?? 0, other.pod.spec.priority ?? 0];
  return a === b ? one.since < other.since : a > b;
}
