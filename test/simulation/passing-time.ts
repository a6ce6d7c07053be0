import { setImmediate as nextTurn } from "node:timers/promises";
import type { VirtualClock } from "#machinery/clock.ts";

/** Lets everything happen that is due within so many seconds, store and sockets included. */
export async function passOn(clock: VirtualClock, seconds: number): Promise<void> {
  const step = seconds > 30 ? 1000 : 100;
  for (let left = seconds * 1000; left > 0; left -= step) {
    await settle();
    await clock.advance(Math.min(step, left));
  }
  await settle();
}

/** Real turns of the event loop, in which what waits for the store goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}
