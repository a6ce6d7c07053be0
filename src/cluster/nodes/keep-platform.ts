import { isAlive } from "./processes.ts";
import { startPlatform } from "./platform.ts";
import type { Platform, PlatformOptions } from "./platform.ts";

const LOOK_EVERY_MILLISECONDS = 500;
const LONGEST_WAIT_MILLISECONDS = 30_000;

/** Hears how the platform fares. */
export interface PlatformListener {
  /** containerd had ended and is up again; its pods have lived on. */
  restarted(platform: Platform): void;
  /** It could not be brought up; another attempt follows. */
  failed(error: unknown): void;
}

/** Brings containerd up again whenever it ends, until closed. Close it before the platform is stopped. */
export function keepPlatform(options: PlatformOptions, platform: Platform, listener: PlatformListener): { close(): void } {
  let pid = platform.containerdPid;
  let wait = LOOK_EVERY_MILLISECONDS;
  let isOpen = true;

  const look = (): void => {
    if (!isOpen) return;
    if (isAlive(pid)) return again();
    startPlatform(options).then((started) => {
      pid = started.containerdPid;
      wait = LOOK_EVERY_MILLISECONDS;
      listener.restarted(started);
    }, (error: unknown) => {
      wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS);
      listener.failed(error);
    }).finally(again);
  };
  const again = (): void => {
    if (isOpen) timer = options.clock.after(wait, look);
  };
  let timer = options.clock.after(wait, look);

  return {
    close() {
      isOpen = false;
      timer.cancel();
    },
  };
}
