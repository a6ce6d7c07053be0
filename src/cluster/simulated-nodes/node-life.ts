import type { Clock, Timer } from "#machinery/clock.ts";

/** What a node does, and how its chances are. */
export interface NodeLifeOptions {
  readonly clock: Clock;
  /** Begins to run; called again after each loss. */
  boot(): Running;
  /** Milliseconds from the power being on until it runs. */
  startsAfter(): number;
  /** Milliseconds that it runs until it loses its power, and that it is gone then; `undefined`: it never does. */
  failsAfter(): number | undefined;
  downFor(): number;
}

export interface Running {
  stop(): Promise<void>;
}

/** A node's ups and downs: off ─► starting ─► running ─► off (lost) ─► starting … */
export class NodeLife {
  readonly #options: NodeLifeOptions;
  #timer: Timer | undefined;
  #running: Running | undefined;
  #isOver = false;

  constructor(options: NodeLifeOptions) {
    this.#options = options;
  }

  start(): void {
    const { startsAfter } = this.#options;
    this.#after(startsAfter(), () => this.#run());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#timer?.cancel();
    await this.#running?.stop();
  }

  #run(): void {
    const { boot, failsAfter } = this.#options;
    this.#running = boot();
    const milliseconds = failsAfter();
    if (milliseconds !== undefined) this.#after(milliseconds, () => void this.#lose());
  }

  async #lose(): Promise<void> {
    const lost = this.#running;
    this.#running = undefined;
    await lost?.stop();
    if (!this.#isOver) this.#after(this.#options.downFor(), () => this.start());
  }

  #after(milliseconds: number, then: () => void): void {
    if (milliseconds <= 0) return then();
    this.#timer = this.#options.clock.after(milliseconds, then);
  }
}
