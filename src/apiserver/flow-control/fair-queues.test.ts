import fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueues, type Waiting } from "./fair-queues.ts";
import { handOf } from "./shuffle-sharding.ts";

const request = (flow: string, seats = 1): Waiting => ({ flow: () => flow, seats });
const order = (queues: FairQueues<Waiting>): string[] => {
  const flows: string[] = [];
  for (let next = queues.next(); next; next = queues.next()) {
    flows.push(next.flow());
    queues.take()?.(3);
  }
  return flows;
};

test("a hand is so many different queues, and always the same ones", () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 8 }), (flow, deck, size) => {
    const wanted = Math.min(deck, size);
    const hand = handOf(flow, deck, wanted);
    expect(hand).toEqual(handOf(flow, deck, wanted));
    expect(new Set(hand).size).toBe(wanted);
    expect(hand.every((queue) => queue >= 0 && queue < deck)).toBe(true);
  }));
});

test("two flows seldom share all their queues", () => {
  const hands = Array.from({ length: 200 }, (_, index) => handOf(`flow-${index}`, 64, 6).toSorted((one, other) => one - other).join());
  expect(new Set(hands).size).toBe(200);
});

test("a flow that asks for little does not wait for one that asks for much", () => {
  const queues = new FairQueues({ queues: 64, handSize: 4, queueLengthLimit: 50 });
  for (let count = 0; count < 40; count++) queues.add(request("busy"));
  queues.add(request("calm"));
  expect(order(queues).indexOf("calm")).toBeLessThan(5);
});

test("what took long counts for more", () => {
  const queues = new FairQueues({ queues: 2, handSize: 1, queueLengthLimit: 50 });
  const [slow = "", quick = ""] = [0, 1].map((queue) => Array.from({ length: 20 }, (_, index) => `f${index}`).find((flow) => handOf(flow, 2, 1)[0] === queue));
  for (let count = 0; count < 3; count++) for (const flow of [slow, quick]) queues.add(request(flow));
  expect(queues.next()?.flow()).toBe(slow);
  queues.take()?.(1000);
  expect(order(queues)).toEqual([quick, quick, quick, slow, slow]);
});

test("queues are bounded, and those who leave make room", () => {
  const queues = new FairQueues({ queues: 1, handSize: 1, queueLengthLimit: 2 });
  const [first, second, third] = [request("a"), request("b"), request("c")] as const;
  expect([queues.add(first), queues.add(second), queues.add(third)]).toEqual([true, true, false]);
  queues.remove(first);
  expect([queues.add(third), queues.size]).toEqual([true, 2]);
  expect(order(queues)).toEqual(["b", "c"]);
});
