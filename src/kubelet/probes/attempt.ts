import { type Clock, type Timer } from "#machinery/clock.ts";

/** What one try of a probe found. A warning counts as a success and is told; what is unknown counts as nothing. */
export interface Attempt {
  readonly outcome: "success" | "warning" | "failure" | "unknown";
  /** What was said: an exec's output, an HTTP status, or the error. */
  readonly output: string;
}

/** No more than this of an answer or an output is looked at. */
export const mostOutputBytes = 10 * 1024;

export const failure = (output: string): Attempt => ({ outcome: "failure", output });

/** A limit in time: `signal` is aborted when it has passed. Call `cancel` when done. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #timer: Timer | undefined;

  /** @param seconds 0 stands for no limit */
  constructor(clock: Clock, seconds: number) {
    const controller = new AbortController();
    this.signal = controller.signal;
    if (seconds > 0) this.#timer = clock.after(seconds * 1000, () => controller.abort());
  }

  get passed(): boolean {
    return this.signal.aborted;
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
