import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Client } from "#client/client.ts";
import type { ApiCall, Transport, WatchHandle, WatchListener } from "#client/transport.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { modified, notFound } from "#machinery/status-error.ts";
import type { Outcome, Watched } from "./controller.ts";
import { ControllerManager } from "./controller-manager.ts";
import { defineController } from "./runtime.ts";
import { at, metadataOf } from "./testing/objects.ts";
import { update } from "./writes.ts";

/** Config maps in memory, whose watch a test can hold back. */
class FakeApi implements Transport {
  readonly objects = new Map<string, ConfigMap>();
  readonly writes: string[] = [];
  revision = 1;
  holdsBack = false;
  refuse: ((call: ApiCall) => Error | undefined) | undefined;
  #listener: WatchListener | undefined;
  #heldBack: (() => void)[] = [];

  async call(call: ApiCall): Promise<unknown> {
    if (call.verb === "list") return { metadata: { resourceVersion: String(this.revision) }, items: [...this.objects.values()] };
    const refused = this.refuse?.(call);
    if (refused) throw refused;
    const body = call.body as ConfigMap;
    const current = this.objects.get(body.metadata.name);
    this.writes.push(`${call.verb} ${body.metadata.name} ${body.data?.["step"]}`);
    if (call.verb === "update" && body.metadata.resourceVersion !== current?.metadata.resourceVersion) throw modified(ConfigMap.resource, body.metadata.name);
    return this.put(body.metadata.name, body.data ?? {});
  }

  put(name: string, data: Record<string, string>): ConfigMap {
    const type = this.objects.has(name) ? "MODIFIED" : "ADDED";
    const object: ConfigMap = { apiVersion: "v1", kind: "ConfigMap", metadata: metadataOf(name, { resourceVersion: String(++this.revision), creationTimestamp: at(0) }), data };
    this.objects.set(name, object);
    this.#heldBack.push(() => this.#listener?.event({ type, object }));
    if (!this.holdsBack) this.release();
    return object;
  }

  release(): void {
    for (const send of this.#heldBack.splice(0)) send();
  }

  watch(_call: ApiCall, listener: WatchListener): WatchHandle {
    this.#listener = listener;
    return { close: () => (this.#listener = undefined) };
  }

  async close(): Promise<void> {}
}

/** Runs one controller of config maps by this decision. */
async function run(reconcile: (map: ConfigMap) => Outcome, watches: readonly Watched<ConfigMap>[] = []) {
  const api = new FakeApi();
  const clock = new VirtualClock();
  const logged: string[] = [];
  const client = new Client(api);
  const controller = defineController<ConfigMap, undefined>({ name: "test", permissions: [], kind: ConfigMap, watches, observe: () => undefined, reconcile });
  const manager = new ControllerManager({
    controllers: [controller], client, clientFor: () => client, clock, random: () => 0, log: (message) => void logged.push(message),
  });
  manager.start();
  await clock.advance(0);
  return { api, clock, logged };
}

const withStep = (map: ConfigMap, step: string): ConfigMap => ({ ...map, data: { step } });

test("an object that is written twice is written in the version that the first write made", async () => {
  const { api, clock, logged } = await run((map) => (map.data?.["step"] === "0" ? { writes: [update(ConfigMap, withStep(map, "1")), update(ConfigMap, withStep(map, "2"))] } : {}));
  api.put("a", { step: "0" });
  await clock.advance(0);
  expect(api.writes).toEqual(["update a 1", "update a 2"]);
  expect(api.objects.get("a")?.data).toEqual({ step: "2" });
  expect(logged).toEqual([]);
});

test("a key is not reconciled again before the caches show what was written for it", async () => {
  const seen: string[] = [];
  const { api, clock } = await run((map) => {
    const step = map.data?.["step"] ?? "";
    seen.push(step);
    return step === "0" ? { writes: [update(ConfigMap, withStep(map, "1"))], requeueAfterMilliseconds: 10 } : {};
  });
  api.put("a", { step: "0" });
  api.holdsBack = true;
  await clock.advance(100);
  expect(seen).toEqual(["0"]);
  api.release();
  await clock.advance(100);
  expect(seen.slice(0, 2)).toEqual(["0", "1"]);
});

test("after a failed write its consequence is written, and the key is retried until it succeeds", async () => {
  let failures = 2;
  const { api, clock, logged } = await run((map) => {
    if (map.metadata.name !== "a" || map.data?.["step"] === "done") return {};
    return {
      writes: [{ do: "create", kind: ConfigMap, object: { metadata: { name: "made" } } }, update(ConfigMap, withStep(map, "done"))],
      failed: (error) => [update(ConfigMap, withStep(map, error.message))],
    };
  });
  api.refuse = ({ verb }) => (verb === "create" && failures-- > 0 ? new Error("no room") : undefined);
  api.put("a", { step: "0" });
  await clock.advance(1000);
  expect(api.writes).toEqual(["update a no room", "update a no room", "create made undefined", "update a done"]);
  expect(logged).toEqual(["test: default/a failed and is retried", "test: default/a failed and is retried"]);
});

test("what is gone by the time that it is to be deleted was deleted", async () => {
  const { api, clock, logged } = await run(() => ({ writes: [{ do: "delete", kind: ConfigMap, namespace: "default", name: "other" }] }));
  api.refuse = () => notFound(ConfigMap.resource, "other");
  api.put("a", {});
  await clock.advance(1000);
  expect(logged).toEqual([]);
});

test("writes that are done together begin with one and double", async () => {
  let running = 0;
  const atOnce: number[] = [];
  const { api, clock } = await run((map) => {
    if (map.metadata.name !== "a") return {};
    const create = (_: unknown, index: number) => ({ do: "create", kind: ConfigMap, object: { metadata: { name: `m${index}` } } }) as const;
    return { writes: [Array.from({ length: 7 }, create)] };
  });
  api.refuse = () => {
    atOnce.push(++running);
    queueMicrotask(() => queueMicrotask(() => running--));
    return undefined;
  };
  api.put("a", {});
  await clock.advance(0);
  expect(atOnce).toEqual([1, 1, 2, 1, 2, 3, 4]);
});

test("an update that does not matter wakes nobody else", async () => {
  const seen: string[] = [];
  const record = (map: ConfigMap): Outcome => {
    seen.push(map.metadata.name);
    return {};
  };
  const matters = (before: ConfigMap, after: ConfigMap): boolean => before.data?.["step"] !== after.data?.["step"];
  const { api, clock } = await run(record, [{ kind: ConfigMap, keys: () => ["default/target"], matters }]);
  api.put("target", {});
  api.put("other", { step: "0" });
  await clock.advance(0);
  seen.length = 0;
  api.put("other", { step: "0", more: "x" });
  await clock.advance(0);
  expect(seen).toEqual(["other"]);
  api.put("other", { step: "1" });
  await clock.advance(0);
  expect(seen).toEqual(["other", "other", "target"]);
});
