import type { Clock } from "#machinery/clock.ts";
import { type Demand, smoothed } from "./limits.ts";

/** Measures how many seats a level is asked for, over periods; in calm times, only how many at the moment. */
export class DemandMeter {
  readonly #clock: Clock;
  #isMeasuring = false;
  #now = 0;
  #since = 0;
  #start = 0;
  #most = 0;
  #sum = 0;
  #squares = 0;
  #usual = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many more seats are taken or waited for. */
  change(by: number): void {
    if (this.#isMeasuring) this.#integrate();
    this.#now += by;
    if (this.#now > this.#most) this.#most = this.#now;
  }

  /** Ends a period, and begins the next. The first one is the moment. */
  period(): Demand {
    this.#integrate();
    const length = this.#since - this.#start;
    const average = this.#isMeasuring && length > 0 ? this.#sum / length : this.#now;
    const deviation = this.#isMeasuring && length > 0 ? Math.sqrt(Math.max(0, this.#squares / length - average * average)) : 0;
    this.#usual = smoothed(this.#usual, average, deviation);
    const demand = { most: this.#isMeasuring ? this.#most : this.#now, usual: this.#usual };
    this.#isMeasuring = true;
    this.#start = this.#since;
    this.#most = this.#now;
    this.#sum = 0;
    this.#squares = 0;
    return demand;
  }

  /** Times are calm again. */
  rest(): void {
    this.#isMeasuring = false;
    this.#usual = 0;
  }

  #integrate(): void {
    const at = this.#clock.monotonic();
    const passed = at - this.#since;
    this.#since = at;
    this.#sum += this.#now * passed;
    this.#squares += this.#now * this.#now * passed;
  }
}
