import { expect, test } from "vitest";
import type { KubeObject } from "#machinery/kind.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { notFound } from "#machinery/status-error.ts";
import { Client } from "./client.ts";
import { EventRecorder } from "./event-recorder.ts";
import type { ApiCall, Transport } from "./transport.ts";

const metadata = { name: "web", namespace: "shop", uid: "u1", resourceVersion: "5", creationTimestamp: "2026-01-01T00:00:00Z" };
const pod: KubeObject = { apiVersion: "v1", kind: "Pod", metadata };

function recorder(answer: (call: ApiCall) => void = () => undefined): { recorder: EventRecorder; client: Client; calls: ApiCall[]; clock: VirtualClock } {
  const calls: ApiCall[] = [];
  const transport = {
    async call(call: ApiCall) {
      calls.push(call);
      answer(call);
      return {};
    },
  } as unknown as Transport;
  const clock = new VirtualClock(Date.parse("2026-01-01T00:00:00Z"));
  const client = new Client(transport);
  return { recorder: new EventRecorder({ client, clock, component: "kubelet", host: "node-1" }), client, calls, clock };
}

/** Events are written one after the other: enough turns for all of them. */
async function written(clock: VirtualClock): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await clock.advance(0);
}

test("an event tells what happened, to whom, and who says so", async () => {
  const { recorder: events, calls, clock } = recorder();
  events.event(pod, "Warning", "Unhealthy", "no answer", "spec.containers{main}");
  await clock.advance(0);
  expect(calls[0]).toMatchObject({
    verb: "create", namespace: "shop",
    body: {
      type: "Warning", reason: "Unhealthy", message: "no answer", count: 1, firstTimestamp: "2026-01-01T00:00:00Z",
      involvedObject: { kind: "Pod", name: "web", namespace: "shop", uid: "u1", fieldPath: "spec.containers{main}" },
      source: { component: "kubelet", host: "node-1" },
    },
  });
});

test("what is said again is counted, and told anew when the event has expired", async () => {
  let gone = false;
  const { recorder: events, calls, clock } = recorder((call) => {
    if (gone && call.verb === "patch") throw notFound({ group: "", resource: "events" }, "web.1");
  });
  for (let time = 0; time < 3; time++) events.event(pod, "Normal", "Pulled", "image is there");
  await clock.advance(0);
  expect(calls.map(({ verb }) => verb)).toEqual(["create", "patch", "patch"]);
  expect(calls[2]?.body).toMatchObject({ count: 3 });
  gone = true;
  events.event(pod, "Normal", "Pulled", "image is there");
  await clock.advance(0);
  expect(calls.slice(3).map(({ verb }) => verb)).toEqual(["patch", "create"]);
});

test("one object cannot fill the API with events, and others still have theirs", async () => {
  const { recorder: events, calls, clock } = recorder();
  for (let time = 0; time < 100; time++) events.event(pod, "Warning", "BackOff", `attempt ${time}`);
  events.event({ ...pod, metadata: { ...metadata, uid: "u2" } }, "Normal", "Started", "started");
  await written(clock);
  expect(calls).toHaveLength(26);
  await clock.advance(5 * 60_000);
  for (let time = 0; time < 10; time++) events.event(pod, "Warning", "BackOff", `later ${time}`);
  await written(clock);
  expect(calls).toHaveLength(27);
});

test("events are written at a bounded rate, whichever node tells them, and beyond a thousand that wait they are lost", async () => {
  const { recorder: events, client, calls, clock } = recorder();
  const another = events.from({ client, host: "node-2" });
  for (let time = 0; time < 1500; time++) {
    const node = time % 2 === 0 ? events : another;
    node.event({ ...pod, metadata: { ...metadata, uid: `u${time}` } }, "Normal", "Started", "started");
  }
  for (let turn = 0; turn < 3; turn++) await written(clock);
  expect(calls).toHaveLength(100);
  expect(calls[1]?.body).toMatchObject({ source: { component: "kubelet", host: "node-2" } });
  await clock.advance(1_000);
  expect(calls).toHaveLength(150);
  await clock.advance(60_000);
  expect(calls).toHaveLength(1001);
});

test("a recorder that is stopped writes nothing more", async () => {
  const { recorder: events, calls, clock } = recorder();
  for (let time = 0; time < 200; time++) events.event({ ...pod, metadata: { ...metadata, uid: `u${time}` } }, "Normal", "Started", "started");
  for (let turn = 0; turn < 3; turn++) await written(clock);
  events.stop();
  events.event(pod, "Normal", "Started", "started");
  await clock.advance(10_000);
  expect(calls).toHaveLength(100);
});
