import type { Probe } from "#api/generated/core-v1.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { abortable } from "../abortable.ts";
import type { ActionResult } from "../lifecycle.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

export interface ContainerProbeOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  /** When the container started, in milliseconds. */
  readonly startedAt: number;
  readonly run: (timeoutSeconds: number) => Promise<ActionResult>;
  /** The verdict changed: enough successes or failures in a row. */
  readonly decided: (ok: boolean) => void;
  /** One try failed. */
  readonly failed: (output: string) => void;
}

/** One probe of one container: tries at its period and decides after enough tries in a row (API reference: Probe). */
export class ContainerProbe {
  readonly #options: ContainerProbeOptions;
  #timer: Timer | undefined;
  #stopped = false;
  #row = { ok: true, count: 0 };
  #verdict: boolean | undefined;

  /** @param soon how long to wait before the first try when the initial delay has passed already, in milliseconds */
  constructor(options: ContainerProbeOptions, soon: number) {
    this.#options = options;
    const { clock, probe, startedAt } = options;
    const due = startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now();
    this.#timer = clock.after(Math.max(due, soon), () => void this.#try());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #try(): Promise<void> {
    const { clock, probe } = this.#options;
    const begun = clock.monotonic();
    const { ok, output } = await this.#inTime(probe.timeoutSeconds);
    if (this.#stopped) return;
    this.#count(ok, output);
    const left = probe.periodSeconds * 1000 - (clock.monotonic() - begun);
    this.#timer = clock.after(Math.max(left, 0), () => void this.#try());
  }

  async #inTime(seconds: number): Promise<ActionResult> {
    const abort = new AbortController();
    const timer = this.#options.clock.after(seconds * 1000 + 500, () => abort.abort(new Error(`probe timed out after ${seconds}s`)));
    try {
      return await abortable(this.#options.run(seconds), abort.signal);
    } catch (error) {
      return { ok: false, output: (error as Error).message };
    } finally {
      timer.cancel();
    }
  }

  #count(ok: boolean, output: string): void {
    const { probe, failed, decided } = this.#options;
    if (!ok) failed(output);
    this.#row = { ok, count: this.#row.ok === ok ? this.#row.count + 1 : 1 };
    const enough = ok ? probe.successThreshold : probe.failureThreshold;
    if (this.#row.count < enough || this.#verdict === ok) return;
    this.#verdict = ok;
    decided(ok);
  }
}
