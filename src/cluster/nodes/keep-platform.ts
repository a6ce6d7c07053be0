import type { Clock } from "#machinery/clock.ts";
import { isAlive } from "./processes.ts";

const LOOK_EVERY_MILLISECONDS = 500;
const LONGEST_WAIT_MILLISECONDS = 30_000;

export interface KeepOptions {
  readonly clock: Clock;
  /** The containerd that runs now. */
  readonly containerdPid: number;
  /** Brings the platform up again; resolves with the new containerd. */
  bringUp(): Promise<number>;
  /** containerd had ended and is up again; its pods have lived on. */
  restarted(containerdPid: number): void;
  /** It could not be brought up; another attempt follows. */
  failed(error: unknown): void;
}

/** Brings containerd up again whenever it ends, until closed. Close it before the platform is stopped. */
export function keepPlatform({ clock, containerdPid, bringUp, restarted, failed }: KeepOptions): { close(): void } {
  let pid = containerdPid;
  let wait = LOOK_EVERY_MILLISECONDS;
  let isOpen = true;

  const look = (): void => {
    if (!isOpen) return;
    if (isAlive(pid)) return again();
    bringUp().then((started) => {
      pid = started;
      wait = LOOK_EVERY_MILLISECONDS;
      restarted(started);
    }).catch((error: unknown) => {
      wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS);
      failed(error);
    }).finally(again);
  };
  const again = (): void => {
    if (isOpen) timer = clock.after(wait, look);
  };
  let timer = clock.after(wait, look);

  return {
    close() {
      isOpen = false;
      timer.cancel();
    },
  };
}
