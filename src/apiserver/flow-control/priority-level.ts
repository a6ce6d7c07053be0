import type { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import type { Clock } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import { tooManyRequests } from "#machinery/status-error.ts";
import { DemandMeter } from "./demand-meter.ts";
import { FairQueues, type Waiting } from "./fair-queues.ts";
import type { FlowCounts, Rejection } from "./flow-metrics.ts";
import type { LevelLimits } from "./limits.ts";

/** A request's place at work. */
export interface Seat {
  /** To be called once, when it is done. */
  leave(): void;
}

/** Who wants to come in. */
export interface Arrival extends Waiting {
  readonly counts: FlowCounts;
  /** Aborted when nobody waits for the answer any more; asked for only where it has to wait. */
  signal(): AbortSignal;
}

type Done = (tookMilliseconds: number) => void;

interface Queued extends Arrival {
  go(done: Done | undefined): void;
}

export interface PriorityLevelOptions {
  readonly clock: Clock;
  /** So long at most anybody waits. */
  readonly waitMilliseconds: number;
  /** Told whenever somebody finds no seat. */
  onFull(): void;
}

/** Clients know these words. */
const refusal = "Too many requests, please try again later.";
const retryAfterSeconds = 1;

/** What is at work and what waits at one priority level. */
export class PriorityLevel {
  readonly demand: DemandMeter;
  readonly #options: PriorityLevelOptions;
  #configuration: PriorityLevelConfiguration | undefined;
  #queues: FairQueues<Queued> | undefined;
  #limits: LevelLimits = { nominal: 0, lowest: 0, highest: 0 };
  #limit = 0;
  #taken = 0;

  constructor(options: PriorityLevelOptions) {
    this.#options = options;
    this.demand = new DemandMeter(options.clock);
  }

  /** "" while it is only imagined. */
  get uid(): string {
    return this.#configuration?.metadata.uid ?? "";
  }

  get isExempt(): boolean {
    return this.#configuration?.spec.type === "Exempt";
  }

  get limits(): LevelLimits {
    return this.#limits;
  }

  /** Seats that it has at the moment. */
  get limit(): number {
    return this.#limit;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#queues?.size ?? 0;
  }

  /** Those who wait go on waiting in the new queues; who finds no room there is let in. */
  configure(configuration: PriorityLevelConfiguration, limits: LevelLimits): void {
    const before = queuingOf(this.#configuration);
    const queuing = queuingOf(configuration);
    this.#configuration = configuration;
    this.#limits = limits;
    if (!equal(queuing, before)) {
      const waiting = this.#queues?.all() ?? [];
      this.#queues = queuing && new FairQueues(queuing);
      for (const request of waiting) if (!this.#queues?.add(request)) request.go(undefined);
    }
    this.setLimit(limits.nominal);
  }

  /** Nobody has had to wait for a while: the level has its share again. */
  calm(): void {
    this.demand.rest();
    this.setLimit(this.#limits.nominal);
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#dispatch();
  }

  /** @throws StatusError (429) where there is no room to wait, or no seat within the time; the promise too */
  enter(arrival: Arrival): Seat | Promise<Seat> {
    if (!this.#mayEnter(arrival)) {
      this.#options.onFull();
      if (!this.#mayEnter(arrival)) return this.#wait(arrival);
    }
    this.demand.change(arrival.seats);
    arrival.counts.begin(arrival.seats, 0);
    return this.#seat(arrival);
  }

  #mayEnter({ seats }: Arrival): boolean {
    return this.isExempt || (this.waiting === 0 && this.#hasRoomFor(seats));
  }

  /** A request that needs more than there is at all gets what there is. */
  #hasRoomFor(seats: number): boolean {
    return this.#taken === 0 || this.#taken + seats <= this.#limit;
  }

  #seat({ seats, counts }: Arrival, done?: () => void): Seat {
    this.#taken += seats;
    return {
      leave: () => {
        this.#taken -= seats;
        this.demand.change(-seats);
        counts.end(seats);
        done?.();
        if (this.waiting > 0) this.#dispatch();
      },
    };
  }

  #wait(arrival: Arrival): Promise<Seat> {
    const { clock, waitMilliseconds } = this.#options;
    const since = clock.monotonic();
    this.#queues?.advance(since, this.#limit);
    return new Promise((resolve, reject) => {
      const queued: Queued = { ...arrival, go: (done) => {
        stop();
        const began = clock.monotonic();
        arrival.counts.begin(arrival.seats, (began - since) / 1000);
        resolve(this.#seat(arrival, () => done?.(clock.monotonic() - began)));
      } };
      const refuse = (reason: Rejection): void => {
        arrival.counts.reject(reason, (clock.monotonic() - since) / 1000);
        reject(tooManyRequests(refusal, retryAfterSeconds));
      };
      if (!this.#queues?.add(queued)) return refuse(this.#queues ? "queue-full" : "concurrency-limit");
      const giveUp = (reason: Rejection): void => {
        stop();
        this.#queues?.remove(queued);
        this.demand.change(-arrival.seats);
        refuse(reason);
      };
      this.demand.change(arrival.seats);
      arrival.counts.queued++;
      const signal = arrival.signal();
      const cancel = (): void => giveUp("cancelled");
      const timer = clock.after(waitMilliseconds, () => giveUp("time-out"));
      signal.addEventListener("abort", cancel, { once: true });
      const stop = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", cancel);
        arrival.counts.queued--;
      };
    });
  }

  #dispatch(): void {
    const queues = this.#queues;
    if (!queues || queues.size === 0) return;
    queues.advance(this.#options.clock.monotonic(), this.#limit);
    for (let next = queues.next(); next && this.#hasRoomFor(next.seats); next = queues.next()) next.go(queues.take());
  }
}

function queuingOf(configuration: PriorityLevelConfiguration | undefined) {
  return configuration?.spec.limited?.limitResponse.queuing;
}
