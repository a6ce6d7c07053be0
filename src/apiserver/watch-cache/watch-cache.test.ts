import { expect, onTestFinished, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { createMemoryStore } from "#store/memory/memory-store.ts";
import type { Store } from "#store/store.ts";
import type { WatchSink } from "../answer.ts";
import type { WatchItem } from "./cache-event.ts";
import type { CachedObject } from "./cached-object.ts";
import { encodeStored } from "./stored-bytes.ts";
import { WatchCache } from "./watch-cache.ts";
import type { WatchScope } from "./watcher.ts";

class Sink implements WatchSink {
  readonly lines: string[] = [];
  readonly items: WatchItem[] = [];
  end: { reason: Error | undefined } | undefined;

  initial(objects: readonly CachedObject[]): void {
    for (const { name } of objects) this.lines.push(`INITIAL ${name}`);
  }

  event(item: WatchItem): void {
    this.items.push(item);
    this.lines.push(item.type === "BOOKMARK" ? `BOOKMARK ${item.object.revision}` : `${item.type} ${item.object.name}`);
  }

  ended(reason: Error | undefined): void {
    this.end = { reason };
  }
}

const nodeOf = (object: KubeObject): string => (object as Pod).spec?.nodeName ?? "";

interface Started {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly clock: VirtualClock;
  readonly errors: readonly unknown[];
  put(name: string, node?: string): Promise<number>;
}

async function start(): Promise<Started> {
  const errors: unknown[] = [];
  const clock = new VirtualClock();
  const store = createMemoryStore({ clock });
  const cache = new WatchCache({
    store, clock, kind: Pod, prefix: "/registry/core/pods/", indexedField: nodeOf,
    onError: (error) => void errors.push(error),
  });
  await cache.start();
  onTestFinished(async () => {
    cache.close();
    await store.close();
  });
  const put = async (name: string, node?: string): Promise<number> => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", uid: name }, spec: { nodeName: node } } as unknown as KubeObject;
    const key = cache.key("default", name);
    const result = await store.put(key, encodeStored(pod), cache.get("default", name)?.revision ?? 0);
    return result.written ? result.revision : 0;
  };
  return { store, cache, clock, errors, put };
}

const onNode = (node: string): WatchScope => ({ namespace: "", indexedValue: node, matches: (object) => nodeOf(object) === node });

test("a watcher of one node hears only of the pods that come to it, change there and leave it", async () => {
  const { cache, put } = await start();
  const sinks = ["n1", "n2"].map((node) => {
    const sink = new Sink();
    cache.watch(onNode(node), { from: "now", endOfInitialEvents: false }, false, sink);
    return sink;
  });
  await put("a");
  await put("a", "n1");
  await put("a", "n1");
  await put("a", "n2");
  expect(sinks.map(({ lines }) => lines)).toEqual([["ADDED a", "MODIFIED a", "DELETED a"], ["ADDED a"]]);
});

test("all watchers are sent the very same bytes", async () => {
  const { cache, put } = await start();
  const lines: Uint8Array[] = [];
  for (let count = 0; count < 3; count++) {
    const sink = new Sink();
    sink.event = (item) => void lines.push(item.line());
    cache.watch({ namespace: "" }, { from: "later" }, false, sink);
  }
  await put("a");
  expect(new Set(lines).size).toBe(1);
});

test("a watch resumes after the revision that it has seen, as long as it is remembered", async () => {
  const { cache, put } = await start();
  const first = await put("p0");
  for (let count = 1; count <= 4200; count++) await put(`p${count}`);
  const recent = new Sink();
  cache.watch({ namespace: "" }, { from: "revision", revision: cache.revision - 2 }, false, recent);
  expect(recent.lines).toEqual(["ADDED p4199", "ADDED p4200"]);
  const old = new Sink();
  cache.watch({ namespace: "" }, { from: "revision", revision: first }, false, old);
  expect(old.end?.reason).toMatchObject({ code: 410, reason: "Expired" });
});

test("the end of what was there at the start is marked, and bookmarks follow every minute in which something happened", async () => {
  const { cache, clock, put } = await start();
  await put("a");
  const sink = new Sink();
  cache.watch({ namespace: "other" }, { from: "now", endOfInitialEvents: true }, true, sink);
  expect(sink.items[0]?.object.object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
  await put("b");
  await clock.advance(60_000);
  await clock.advance(60_000);
  expect(sink.lines).toEqual(["BOOKMARK 1", "BOOKMARK 2"]);
});

test("the cache is complete up to what was acknowledged, also of other kinds", async () => {
  const { cache, store } = await start();
  await store.put("/registry/core/secrets/default/x", new Uint8Array([1]), 0);
  await cache.current();
  expect(cache.revision).toBe(store.revision());
});

test("whoever waits for what does not come is turned away at once when the cache is closed", async () => {
  const { cache } = await start();
  const waiting = expect(cache.reached(99)).rejects.toMatchObject({ code: 504 });
  cache.close();
  await waiting;
  await expect(cache.reached(99)).rejects.toMatchObject({ code: 504 });
});

test("a version that never comes is waited for in vain", async () => {
  const { cache, clock } = await start();
  const waiting = expect(cache.reached(99)).rejects.toMatchObject({ code: 504 });
  await clock.advance(3000);
  await waiting;
});

test("a deletion tells the last state at the revision of the deletion", async () => {
  const { cache, store, put } = await start();
  const revision = await put("a", "n1");
  const sink = new Sink();
  cache.watch({ namespace: "default", name: "a" }, { from: "later" }, false, sink);
  await store.delete(cache.key("default", "a"), revision);
  expect(sink.lines).toEqual(["DELETED a"]);
  expect(sink.items[0]?.object.object).toMatchObject({ metadata: { resourceVersion: String(revision + 1) }, spec: { nodeName: "n1" } });
  expect(cache.list("")).toEqual([]);
});

test("a watcher that fails is ended, and the others hear everything", async () => {
  const { cache, errors, put } = await start();
  const [failing, other] = [new Sink(), new Sink()];
  failing.event = () => {
    throw new Error("oh");
  };
  for (const sink of [failing, other]) cache.watch({ namespace: "" }, { from: "later" }, false, sink);
  await put("a");
  await put("b");
  expect(other.lines).toEqual(["ADDED a", "ADDED b"]);
  expect(failing.end?.reason).toMatchObject({ code: 500 });
  expect(errors).toHaveLength(1);
});

test("who begins to watch because of an event hears of it once", async () => {
  const { cache, put } = await start();
  const [first, second] = [new Sink(), new Sink()];
  first.event = () => {
    if (cache.watchers === 1) cache.watch({ namespace: "" }, { from: "now", endOfInitialEvents: false }, false, second);
  };
  cache.watch({ namespace: "" }, { from: "later" }, false, first);
  await put("a");
  await put("b");
  expect(second.lines).toEqual(["INITIAL a", "ADDED b"]);
});
