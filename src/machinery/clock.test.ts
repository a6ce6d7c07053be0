import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

const hundredDays = 100 * 24 * 3_600_000;

test.each([["comes when it is due", false], ["does not come when it was cancelled", true]])("what is due in a hundred days %s", (_, isCancelled) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let calls = 0;
  const timer = systemClock.after(hundredDays, () => calls++);
  vi.advanceTimersByTime(hundredDays - 1);
  expect(calls).toBe(0);
  if (isCancelled) timer.cancel();
  vi.advanceTimersByTime(hundredDays);
  expect(calls).toBe(isCancelled ? 0 : 1);
});
