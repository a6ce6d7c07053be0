import type { StoreClock } from "../../store.ts";

/** The machine's clock. */
export const systemTimers: StoreClock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};
