import type { Clock, Timer } from "#machinery/clock.ts";
import { Heap } from "./heap.ts";
import type { PodInfo } from "./pod-info.ts";

/** A pod that waits for a node. */
export interface Waiting {
  readonly pod: PodInfo;
  /** When it first came, in milliseconds. */
  readonly since: number;
  /** How often it fitted nowhere. */
  readonly attempts: number;
  /** How often in a row something else went wrong. */
  readonly failures: number;
  /** Plugins that refused it last. */
  readonly refusedBy: ReadonlySet<string>;
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly firstBackoffMilliseconds?: number;
  readonly longestBackoffMilliseconds?: number;
  /** Whether `one` is tried before `other`. */
  comesFirst(one: Waiting, other: Waiting): boolean;
  /** Why a pod is not to be tried yet. */
  holdsBack(pod: PodInfo): string | undefined;
  /** Called when a pod is ready to be tried. */
  ready(): void;
}

interface Resting {
  readonly waiting: Waiting;
  /** When it may be tried again, in milliseconds. */
  readonly until: number;
}

/** Pods that nothing helped are tried again after this long all the same. */
const longestWaitMilliseconds = 5 * 60_000;
const flushMilliseconds = 30_000;
const nobody: ReadonlySet<string> = new Set();

/**
 * Pods without a node, each in one place: active (tried next, the most important first), backing off (tried when their time has come, or when
 * nobody is active), failing (not before their time), unschedulable (until something changes that may help), held back (until they change
 * themselves), or being tried.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions;
  readonly #active: Heap<Waiting>;
  readonly #backingOff = restingPods();
  readonly #failing = restingPods();
  readonly #unschedulable = new Map<string, { readonly waiting: Waiting; readonly at: number }>();
  readonly #heldBack = new Map<string, Waiting>();
  #flush: Timer | undefined;
  #alarm: { readonly timer: Timer; readonly at: number } | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#active = new Heap<Waiting>(({ pod }) => pod.uid, (one, other) => options.comesFirst(one, other));
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
    this.#alarm?.timer.cancel();
  }

  get length(): number {
    return this.#active.size + this.#backingOff.size + this.#failing.size + this.#unschedulable.size + this.#heldBack.size;
  }

  /** How many pods each part of it has. */
  get sizes(): { readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly gated: number } {
    return {
      active: this.#active.size, backoff: this.#backingOff.size + this.#failing.size, unschedulable: this.#unschedulable.size,
      gated: this.#heldBack.size,
    };
  }

  /** Pods that fit nowhere. */
  *unschedulable(): Iterable<Waiting> {
    for (const { waiting } of this.#unschedulable.values()) yield waiting;
  }

  /** A pod that has come, or whose wishes have changed. */
  put(pod: PodInfo): void {
    const known = this.#take(pod.uid);
    const since = known?.since ?? this.#options.clock.now();
    this.#activate({ pod, since, attempts: known?.attempts ?? 0, failures: 0, refusedBy: nobody });
  }

  get(uid: string): Waiting | undefined {
    return (
      this.#active.get(uid) ?? this.#unschedulable.get(uid)?.waiting ?? this.#backingOff.get(uid)?.waiting ?? this.#failing.get(uid)?.waiting ??
      this.#heldBack.get(uid)
    );
  }

  remove(uid: string): void {
    this.#take(uid);
  }

  /** The next pod to try. */
  next(): Waiting | undefined {
    this.#wakeUp();
    return this.#active.pop() ?? this.#backingOff.pop()?.waiting;
  }

  /** Nothing fits: wait for a change that may help. */
  giveUp(waiting: Waiting, refusedBy: ReadonlySet<string>): void {
    const entry = { ...waiting, attempts: waiting.attempts + 1, failures: 0, refusedBy };
    this.#unschedulable.set(waiting.pod.uid, { waiting: entry, at: this.#options.clock.now() });
  }

  /** Something went wrong that has nothing to do with nodes: try again soon. */
  retry(waiting: Waiting): void {
    const entry = { ...waiting, failures: waiting.failures + 1 };
    this.#rest(this.#failing, entry, this.#options.clock.now() + this.#backoff(entry.failures));
  }

  /** What held the pod back may be over. */
  release(uid: string): void {
    const waiting = this.#heldBack.get(uid);
    if (!waiting) return;
    this.#heldBack.delete(uid);
    this.#activate(waiting);
  }

  /** What held pods back may be over. */
  releaseAll(mayHelp: (pod: PodInfo) => boolean): void {
    for (const [uid, { pod }] of this.#heldBack) if (mayHelp(pod)) this.release(uid);
  }

  /** The pod is tried now, whatever it waits for. */
  activate(uid: string): void {
    const waiting = this.#take(uid);
    if (waiting) this.#activate(waiting);
  }

  /** Something changed: those that it may help are tried again, after their back-off. */
  changed(mayHelp: (waiting: Waiting) => boolean): void {
    for (const { waiting, at } of this.#unschedulable.values()) {
      if (!mayHelp(waiting)) continue;
      this.#unschedulable.delete(waiting.pod.uid);
      const until = at + this.#backoff(waiting.attempts);
      if (until <= this.#options.clock.now()) this.#activate(waiting);
      else {
        this.#rest(this.#backingOff, waiting, until);
        this.#options.ready();
      }
    }
  }

  /** Doubles with each time, in milliseconds. */
  #backoff(times: number): number {
    const { firstBackoffMilliseconds = 1_000, longestBackoffMilliseconds = 10_000 } = this.#options;
    return Math.min(firstBackoffMilliseconds * 2 ** Math.max(0, times - 1), longestBackoffMilliseconds);
  }

  #rest(place: Heap<Resting>, waiting: Waiting, until: number): void {
    place.put({ waiting, until });
    this.#setAlarm();
  }

  #setAlarm(): void {
    const at = Math.min(this.#backingOff.first?.until ?? Infinity, this.#failing.first?.until ?? Infinity);
    if (at === this.#alarm?.at) return;
    this.#alarm?.timer.cancel();
    this.#alarm = undefined;
    if (at === Infinity) return;
    const timer = this.#options.clock.after(at - this.#options.clock.now(), () => {
      this.#alarm = undefined;
      this.#wakeUp();
      this.#setAlarm();
    });
    this.#alarm = { timer, at };
  }

  /** Those whose time has come are active again. */
  #wakeUp(): void {
    const now = this.#options.clock.now();
    for (const place of [this.#backingOff, this.#failing]) {
      while ((place.first?.until ?? Infinity) <= now) this.#activate((place.pop() as Resting).waiting);
    }
  }

  #activate(waiting: Waiting): void {
    this.#unschedulable.delete(waiting.pod.uid);
    if (this.#options.holdsBack(waiting.pod) !== undefined) {
      this.#heldBack.set(waiting.pod.uid, waiting);
      return;
    }
    this.#active.put(waiting);
    this.#options.ready();
  }

  #take(uid: string): Waiting | undefined {
    const known = this.get(uid);
    this.#active.remove(uid);
    this.#backingOff.remove(uid);
    this.#failing.remove(uid);
    this.#unschedulable.delete(uid);
    this.#heldBack.delete(uid);
    return known;
  }
}

function restingPods(): Heap<Resting> {
  return new Heap<Resting>(({ waiting }) => waiting.pod.uid, (one, other) => one.until < other.until);
}
