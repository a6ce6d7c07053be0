import { expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import { Client } from "#client/client.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { SharedView } from "./shared-view.ts";
import { FakeApi } from "./testing/fake-api.ts";
import { podOf } from "./testing/pods.ts";

const on = (nodeName: string | undefined, uid = "u1"): Pod => podOf({ nodeName }, {}, { uid, name: "web" });

test("each node sees its own pods and itself", async () => {
  const [api, clock] = [new FakeApi(), new VirtualClock()];
  api.put("pods", on("node-1"));
  api.put("nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } as never });
  const shared = new SharedView({ client: new Client(api), clock, failed: () => undefined });
  const seen: string[] = [];
  const see = (name: string): void => {
    const view = shared.of(name);
    view.start();
    view.subscribe(({ type, object }) => seen.push(`${name}: ${type} ${object.metadata.uid}`));
  };
  see("node-1");
  see("node-2");
  await clock.advance(0);
  expect(seen.splice(0)).toEqual(["node-1: added u1"]);
  expect(shared.of("node-1").pod("default", "web")?.metadata.uid).toBe("u1");
  expect(shared.of("node-2").pod("default", "web")).toBeUndefined();
  expect(shared.of("node-2").node()).toBeUndefined();
  expect(shared.of("node-1").node()?.metadata.name).toBe("node-1");
  // Another pod of the same name, which came while nobody looked.
  api.put("pods", on("node-2", "u2"));
  expect(seen.splice(0)).toEqual(["node-1: deleted u1", "node-2: added u2"]);
  shared.of("node-2").stop();
  api.remove("pods", on("node-2", "u2"));
  expect(seen).toEqual([]);
});

test("a pod that gets its node is new to it", async () => {
  const [api, clock] = [new FakeApi(), new VirtualClock()];
  const shared = new SharedView({ client: new Client(api), clock, failed: () => undefined });
  const seen: string[] = [];
  shared.of("node-1").start();
  shared.of("node-1").subscribe(({ type }) => seen.push(type));
  await clock.advance(0);
  api.put("pods", on(undefined));
  api.put("pods", on("node-1"));
  api.put("pods", on("node-1"));
  expect(seen).toEqual(["added", "updated"]);
});
