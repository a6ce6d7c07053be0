import type { Probe } from "#api/generated/core-v1.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import type { ActionTarget } from "../lifecycle.ts";
import type { Attempt } from "./attempt.ts";
import type { Prober } from "./prober.ts";
import { extend, type ProbeStreak, verdictOf } from "./probe-streak.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

export interface ProbeWorkerOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly prober: Prober;
  /** Where the probe is aimed at now. */
  readonly target: () => ActionTarget;
  /** When the first try is due. */
  readonly firstAt: number;
  /** What was known before: of containers that ran before this kubelet did. */
  readonly known: boolean | undefined;
  /** Each try's finding, to be told to people. */
  readonly tried: (attempt: Attempt) => void;
  /** The verdict is another one. */
  readonly decided: (verdict: boolean) => void;
}

/** A container that is not ready yet is looked at again after this, then after twice as much, until its period is reached. */
const firstRetryMilliseconds = 1_000;

/**
 * Tries one probe of one running container again and again.
 *
 *     waiting ── due ──► trying ── answered ──► waiting
 *                           └─ the matter is settled: startup decided, liveness failed ──► over
 */
export class ProbeWorker {
  readonly #options: ProbeWorkerOptions;
  #verdict: boolean | undefined;
  #streak: ProbeStreak | undefined;
  #retryMilliseconds: number;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ProbeWorkerOptions) {
    this.#options = options;
    this.#verdict = options.known;
    this.#retryMilliseconds = options.kind === "readiness" && options.known !== true ? firstRetryMilliseconds : Number.POSITIVE_INFINITY;
    this.#waitUntil(options.firstAt);
  }

  get verdict(): boolean | undefined {
    return this.#verdict;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #waitUntil(instant: number): void {
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, instant - clock.now()), () => void this.#try());
  }

  async #try(): Promise<void> {
    const { clock, prober, probe, target, tried } = this.#options;
    const begun = clock.now();
    const attempt = await prober(probe, target(), probe.timeoutSeconds);
    if (this.#stopped) return;
    tried(attempt);
    if (attempt.outcome !== "unknown") this.#take(attempt.outcome !== "failure");
    if (this.#isOver()) return this.stop();
    this.#waitUntil(begun + this.#pause());
  }

  #take(ok: boolean): void {
    const { probe, decided } = this.#options;
    this.#streak = extend(this.#streak, ok);
    const verdict = verdictOf(this.#streak, probe);
    if (verdict === undefined || verdict === this.#verdict) return;
    this.#verdict = verdict;
    decided(verdict);
  }

  /** A container that has started stays started; one that is to be killed needs no more probing. */
  #isOver(): boolean {
    const { kind } = this.#options;
    return (kind === "startup" && this.#verdict !== undefined) || (kind === "liveness" && this.#verdict === false);
  }

  /** The period; less while a container has never been ready, so that a slow start does not cost a whole period more. */
  #pause(): number {
    const period = this.#options.probe.periodSeconds * 1000;
    if (this.#verdict === true) this.#retryMilliseconds = Number.POSITIVE_INFINITY;
    if (this.#streak?.ok === true) return period;
    const pause = Math.min(period, this.#retryMilliseconds);
    this.#retryMilliseconds *= 2;
    return pause;
  }
}
