import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

import type { Clock } from "#machinery/clock.ts";

/** Waits for changes around a file, by the kernel's word or, where that is not to be had, by looking again and again. */
export class FileChanges {
  readonly #clock: Clock;
  #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    try {
      this.#watcher = watch(dirname(path), { persistent: false }, () => this.#notify());
      this.#watcher.on("error", () => this.close());
    } catch {
      // No more watches are to be had.
    }
  }

  /** Resolves after a change since the last call, or after `milliseconds`, or when aborted. */
  async next(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.after(this.#watcher === undefined ? Math.min(milliseconds, 200) : milliseconds, resolve);
        this.#wake = () => {
          timer.cancel();
          resolve();
        };
        signal.addEventListener("abort", this.#wake, { once: true });
      });
      if (this.#wake !== undefined) signal.removeEventListener("abort", this.#wake);
      this.#wake = undefined;
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #notify(): void {
    this.#changed = true;
    this.#wake?.();
  }
}
