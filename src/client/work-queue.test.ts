import { expect, test } from "vitest";
import { VirtualClock } from "#machinery/clock.ts";
import { WorkQueue } from "./work-queue.ts";

function queueWith(work: (key: string) => Promise<void>, workers = 1): { queue: WorkQueue; clock: VirtualClock; failures: string[] } {
  const clock = new VirtualClock();
  const queue = new WorkQueue({ clock });
  const failures: string[] = [];
  void queue.run(workers, work, (key, error) => failures.push(`${key}: ${error.message}`));
  return { queue, clock, failures };
}

test("a key added twice before its turn is worked on once", async () => {
  const done: string[] = [];
  const { queue, clock } = queueWith(async (key) => void done.push(key));
  queue.add("a");
  queue.add("a");
  queue.add("b");
  await clock.advance(0);
  expect(done).toEqual(["a", "b"]);
});

test("a key added while it is worked on comes again afterwards, never at the same time", async () => {
  let running = 0;
  let most = 0;
  let finish: () => void = () => undefined;
  const { queue, clock } = queueWith(async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => (finish = resolve));
    running--;
  }, 3);
  queue.add("a");
  await clock.advance(0);
  queue.add("a");
  await clock.advance(0);
  expect(running).toBe(1);
  finish();
  await clock.advance(0);
  expect({ running, most }).toEqual({ running: 1, most: 1 });
});

test("a failing key is retried with doubling waits, until it succeeds", async () => {
  const at: number[] = [];
  const { queue, clock, failures } = queueWith(async () => {
    at.push(clock.now());
    if (at.length < 4) throw new Error("not yet");
  });
  queue.add("a");
  await clock.advance(1000);
  expect(at).toEqual([0, 5, 15, 35]);
  expect(failures).toHaveLength(3);
  expect(queue.failures("a")).toBe(0);
  expect(queue.idle).toBe(true);
});

test("of two delays for one key the earlier counts", async () => {
  const at: number[] = [];
  const { queue, clock } = queueWith(async () => void at.push(clock.now()));
  queue.addAfter("a", 100);
  queue.addAfter("a", 50);
  queue.addAfter("a", 200);
  await clock.advance(1000);
  expect(at).toEqual([50]);
});

test("a key that rests is worked on once afterwards, if it was wanted meanwhile", async () => {
  const done: string[] = [];
  const { queue, clock } = queueWith(async (key) => {
    done.push(`${key} at ${clock.now()}`);
    queue.rest(key, 100);
  });
  queue.add("a");
  await clock.advance(10);
  queue.add("a");
  queue.add("a");
  queue.add("b");
  await clock.advance(200);
  expect(done).toEqual(["a at 0", "b at 10", "a at 100"]);
  expect(queue.idle).toBe(true);
});
