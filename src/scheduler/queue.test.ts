import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "#machinery/clock.ts";
import { Heap } from "./heap.ts";
import { PodInfo } from "./pod-info.ts";
import { prioritySort } from "./plugins/priority-sort.ts";
import { schedulingGates } from "./plugins/scheduling-gates.ts";
import { SchedulingQueue, type Waiting } from "./queue.ts";
import { pod as podObject, TestCluster } from "./testing/cluster.ts";

function pod(name: string, priority = 0, ...gates: readonly string[]): PodInfo {
  return new PodInfo(podObject({ priority, schedulingGates: gates.map((gate) => ({ name: gate })) }, {}, { name, uid: name }));
}

function queue(): { queue: SchedulingQueue; clock: VirtualClock; drain: () => string[] } {
  const clock = new VirtualClock();
  const made = new SchedulingQueue({
    clock,
    ready: () => undefined,
    comesFirst: (one, other) => prioritySort.comesFirst?.(one, other) === true,
    holdsBack: (one) => schedulingGates.holdsBack?.(one, new TestCluster().state),
  });
  const drain = (): string[] => {
    const names: string[] = [];
    for (let next = made.next(); next; next = made.next()) names.push(next.pod.name);
    return names;
  };
  return { queue: made, clock, drain };
}

test("the more important pod comes first, then the older one", async () => {
  const { queue: waiting, clock, drain } = queue();
  for (const one of [pod("old"), pod("vip", 10), pod("young")]) {
    waiting.put(one);
    await clock.advance(1);
  }
  expect(drain()).toEqual(["vip", "old", "young"]);
});

test("a pod that fits nowhere waits for a change that may help, and for its back-off", async () => {
  const { queue: waiting, clock, drain } = queue();
  waiting.put(pod("a"));
  waiting.giveUp(waiting.next() as Waiting, new Set(["NodeResourcesFit"]));
  waiting.changed(() => false);
  await clock.advance(10_000);
  expect(drain()).toEqual([]);
  waiting.changed(({ refusedBy }) => refusedBy.has("NodeResourcesFit"));
  expect(drain()).toEqual(["a"]);
});

test("back-off doubles from one second to ten", async () => {
  const { queue: waiting, clock } = queue();
  waiting.put(pod("a"));
  const waits: number[] = [];
  let next = waiting.next();
  while (waits.length < 6) {
    const from = clock.now();
    waiting.retry(next as Waiting);
    for (next = waiting.next(); !next; next = waiting.next()) await clock.advance(500);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10000, 10000]);
});

test("a pod that changed is tried at once, one that is gone never", () => {
  const { queue: waiting, drain } = queue();
  waiting.put(pod("a"));
  waiting.put(pod("b"));
  waiting.giveUp(waiting.next() as Waiting, new Set());
  waiting.remove("b");
  waiting.put(pod("a", 5));
  expect(drain()).toEqual(["a"]);
});

test("a pod with gates waits until they are gone", () => {
  const { queue: waiting, drain } = queue();
  waiting.put(pod("a", 0, "example.com/quota"));
  expect(drain()).toEqual([]);
  waiting.put(pod("a"));
  expect(drain()).toEqual(["a"]);
});

test("a pod whose back-off lasts is tried sooner when nobody else waits, unless something failed", async () => {
  const { queue: waiting, clock, drain } = queue();
  waiting.put(pod("unlucky"));
  waiting.giveUp(waiting.next() as Waiting, new Set(["NodeResourcesFit"]));
  waiting.put(pod("failing"));
  waiting.retry(waiting.next() as Waiting);
  waiting.put(pod("other"));
  waiting.changed(() => true);
  expect(drain()).toEqual(["other", "unlucky"]);
  await clock.advance(1000);
  expect(drain()).toEqual(["failing"]);
});

test("a pod that nothing helps is tried again after five minutes", async () => {
  const { queue: waiting, clock, drain } = queue();
  waiting.start();
  waiting.put(pod("a"));
  waiting.giveUp(waiting.next() as Waiting, new Set(["NodeResourcesFit"]));
  await clock.advance(5 * 60_000 - 1);
  expect(drain()).toEqual([]);
  await clock.advance(60_000);
  expect(drain()).toEqual(["a"]);
  waiting.stop();
});

test("a heap gives out its items in order, whatever was put, replaced and removed", () => {
  const operation = fc.tuple(fc.constantFrom("put", "remove"), fc.integer({ min: 0, max: 20 }), fc.integer());
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const heap = new Heap<[string, number]>(([key]) => key, ([, one], [, other]) => one < other);
      const model = new Map<string, number>();
      for (const [what, key, value] of operations) {
        if (what === "put") heap.put([String(key), value]);
        else heap.remove(String(key));
        if (what === "put") model.set(String(key), value);
        else model.delete(String(key));
      }
      const values: number[] = [];
      for (let next = heap.pop(); next; next = heap.pop()) values.push(next[1]);
      expect(values).toEqual([...model.values()].toSorted((a, b) => a - b));
    }),
  );
});
