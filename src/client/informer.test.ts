import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { expired } from "#machinery/status-error.ts";
import { Client } from "./client.ts";
import { type Change, Informer } from "./informer.ts";
import type { ApiCall, Transport, WatchEventType, WatchListener } from "./transport.ts";

/** An API with config maps only, whose watches a test can drive and break. */
class ScriptedApi implements Transport {
  objects: ConfigMap[] = [];
  revision = 1;
  lists = 0;
  watchedFrom: string[] = [];
  failLists = 0;
  #listener: WatchListener | undefined;

  async call(_call: ApiCall): Promise<unknown> {
    this.lists++;
    if (this.failLists-- > 0) throw new Error("connection refused");
    return { metadata: { resourceVersion: String(this.revision) }, items: this.objects };
  }

  watch(call: ApiCall, listener: WatchListener): { close: () => void } {
    this.watchedFrom.push(String(call.query?.["resourceVersion"]));
    this.#listener = listener;
    return { close: () => (this.#listener = undefined) };
  }

  async close(): Promise<void> {}

  send(type: WatchEventType, object: ConfigMap): void {
    this.#listener?.event({ type, object });
  }

  breakOff(reason?: Error): void {
    this.#listener?.ended(reason);
  }
}

function configMap(name: string, resourceVersion: number, namespace = "default"): ConfigMap {
  const metadata = { name, namespace, uid: name, resourceVersion: String(resourceVersion), creationTimestamp: "2026-01-01T00:00:00Z" };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

function start(api: ScriptedApi): { informer: Informer<ConfigMap>; clock: VirtualClock; seen: string[] } {
  const clock = new VirtualClock();
  const informer = new Informer(new Client(api).of(ConfigMap), { clock });
  const seen: string[] = [];
  informer.subscribe((change: Change<ConfigMap>) => seen.push(`${change.type} ${change.object.metadata.name}@${change.object.metadata.resourceVersion}`));
  informer.start();
  return { informer, clock, seen };
}

test("it lists, then follows the watch from the list's version", async () => {
  const api = new ScriptedApi();
  api.objects = [configMap("a", 1)];
  api.revision = 7;
  const { informer, clock, seen } = start(api);
  await clock.advance(0);
  api.send("ADDED", configMap("b", 8));
  api.send("MODIFIED", configMap("a", 9));
  api.send("DELETED", configMap("b", 10));
  expect(api.watchedFrom).toEqual(["7"]);
  expect(seen).toEqual(["added a@1", "added b@8", "updated a@9", "deleted b@10"]);
  expect([...informer.list()].map(({ metadata }) => metadata.name)).toEqual(["a"]);
});

test("after a break it resumes where it was, bookmarks included", async () => {
  const api = new ScriptedApi();
  const { clock } = start(api);
  await clock.advance(0);
  api.send("BOOKMARK", configMap("", 40));
  api.breakOff(new Error("connection reset"));
  await clock.advance(100);
  expect(api.watchedFrom).toEqual(["1", "40"]);
  expect(api.lists).toBe(1);
});

test("when history is gone it lists anew and tells the difference", async () => {
  const api = new ScriptedApi();
  api.objects = [configMap("a", 1), configMap("b", 1)];
  const { clock, seen } = start(api);
  await clock.advance(0);
  api.objects = [configMap("b", 1), configMap("c", 50)];
  api.revision = 50;
  api.breakOff(expired("too old resource version"));
  await clock.advance(0);
  expect(seen.slice(2)).toEqual(["deleted a@1", "added c@50"]);
});

test("a list that fails is tried again, ever more slowly", async () => {
  const api = new ScriptedApi();
  api.failLists = 3;
  const { informer, clock } = start(api);
  await clock.advance(349);
  expect(informer.hasSynced).toBe(false);
  await clock.advance(1);
  expect(informer.hasSynced).toBe(true);
});

test("objects are found by namespace and by declared indexes", async () => {
  const api = new ScriptedApi();
  api.objects = [configMap("a", 1, "one"), configMap("b", 1, "two")];
  const clock = new VirtualClock();
  const informer = new Informer(new Client(api).of(ConfigMap), { clock, indexes: { initial: (object) => [object.metadata.name.charAt(0)] } });
  informer.start();
  await clock.advance(0);
  expect(informer.inNamespace("two").map(({ metadata }) => metadata.name)).toEqual(["b"]);
  expect(informer.byIndex("initial", "a")).toHaveLength(1);
  api.send("DELETED", configMap("a", 2, "one"));
  expect(informer.byIndex("initial", "a")).toHaveLength(0);
});

test("one can wait until the copy shows a revision", async () => {
  const api = new ScriptedApi();
  api.revision = 9;
  const { informer, clock } = start(api);
  await clock.advance(0);
  const reached: number[] = [];
  void informer.reached("9").then(() => reached.push(9));
  void informer.reached("10").then(() => reached.push(10));
  await clock.advance(0);
  expect(reached).toEqual([9]);
  api.send("BOOKMARK", configMap("", 12));
  await clock.advance(0);
  expect(reached).toEqual([9, 10]);
});
