import { afterEach, describe, expect, it } from "vitest";
import { CompactedError, FutureRevisionError, type HistoryLimits, maxKeyBytes, type Store, StoreClosedError } from "../store.ts";
import { ManualClock } from "./manual-clock.ts";
import { describeModel } from "./model.ts";
import { bytes, Recorder, text } from "./recorder.ts";
import { describeWatches } from "./watch-suite.ts";

/** Opens an empty store of the kind under test. */
export type OpenStore = (options: { clock: ManualClock; history?: Partial<HistoryLimits> }) => Promise<Store>;

/** What every implementation of `Store` has to pass. */
export function describeStore(name: string, openStore: OpenStore): void {
  describe(name, () => {
    const opened: Store[] = [];
    let clock = new ManualClock();

    async function open(history?: Partial<HistoryLimits>): Promise<Store> {
      clock = new ManualClock();
      const store = await openStore({ clock, history });
      opened.push(store);
      return store;
    }

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    describeWrites(open);
    describeLists(open);
    describePast(open);
    describeExpiry(open, (milliseconds) => clock.advance(milliseconds));
    describeClosing(open);
    describeWatches(open);
    describeModel(open);
  });
}

type Open = (history?: Partial<HistoryLimits>) => Promise<Store>;

/** Writes `key` whatever it is at. Returns the revision. */
export async function write(store: Store, key: string, value: string | undefined): Promise<number> {
  const expected = (await store.get(key))?.revision ?? 0;
  const result = value === undefined ? await store.delete(key, expected) : await store.put(key, bytes(value), expected);
  if (!result.written) throw new Error(`${key} was not at ${expected}`);
  return result.revision;
}

async function keysOf(store: Store, prefix: string, atRevision?: number): Promise<string[]> {
  return (await store.list(prefix, { atRevision })).entries.map(({ key, value }) => `${key}=${text(value)}`);
}

function describeWrites(open: Open): void {
  describe("writes", () => {
    it("starts at revision 0 and gives each write the next", async () => {
      const store = await open();
      expect(store.revision()).toBe(0);
      expect(await store.put("/a", bytes("1"), 0)).toEqual({ written: true, revision: 1 });
      expect(store.revision()).toBe(1);
      expect(await store.put("/b", bytes("2"), 0)).toEqual({ written: true, revision: 2 });
      expect(await store.delete("/a", 1)).toEqual({ written: true, revision: 3 });
      expect(store.revision()).toBe(3);
    });

    it("has reached a write's revision, and shows it, when the write resolves", async () => {
      const store = await open();
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const result = await store.put(`/key-${index}`, bytes("x"), 0);
          expect(result.written && store.revision() >= result.revision).toBe(true);
          expect((await store.get(`/key-${index}`))?.revision).toBe(result.written && result.revision);
        }),
      );
      expect(store.revision()).toBe(50);
    });

    it("writes only where the key is at the expected revision, and says what is there", async () => {
      const store = await open();
      await write(store, "/a", "1");
      const current = { key: "/a", value: bytes("1"), revision: 1 };
      const refused = await store.put("/a", bytes("2"), 0);
      expect(refused.written).toBe(false);
      expect(!refused.written && { ...refused.current, value: text(refused.current?.value) }).toEqual({ ...current, value: "1" });
      expect(await store.put("/b", bytes("2"), 7)).toEqual({ written: false, current: undefined });
      expect(await store.delete("/b", 0)).toEqual({ written: false, current: undefined });
      expect((await store.delete("/a", 2)).written).toBe(false);
      expect(store.revision()).toBe(1);
    });

    it("lets one of many simultaneous writers of a key win, and shows the others what won", async () => {
      const store = await open();
      const results = await Promise.all(["1", "2", "3"].map((value) => store.put("/a", bytes(value), 0)));
      expect(results.map(({ written }) => written)).toEqual([true, false, false]);
      for (const result of results.slice(1)) expect(!result.written && text(result.current?.value)).toBe("1");
    });

    it("decides simultaneous writes in their order", async () => {
      const store = await open();
      const writes = [store.put("/a", bytes("1"), 0), store.put("/a", bytes("2"), 1), store.delete("/a", 2), store.put("/a", bytes("3"), 0)];
      const results = await Promise.all(writes);
      expect(results).toEqual([1, 2, 3, 4].map((revision) => ({ written: true, revision })));
      expect(text((await store.get("/a"))?.value)).toBe("3");
    });

    it("keeps any bytes, also none and many", async () => {
      const store = await open();
      const values = [new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, index) => index), new Uint8Array(1_500_000).fill(7)];
      for (const [index, value] of values.entries()) await store.put(`/${index}`, value, 0);
      for (const [index, value] of values.entries()) {
        const stored = (await store.get(`/${index}`))?.value;
        expect(Buffer.compare(Buffer.from(stored!), Buffer.from(value))).toBe(0);
      }
    });

    it("refuses keys that not every store could hold", async () => {
      const store = await open();
      const longest = "k".repeat(maxKeyBytes);
      for (const key of ["", `${longest}k`, "é".repeat(maxKeyBytes / 2 + 1), "\ud800"]) {
        await expect(store.put(key, bytes("x"), 0)).rejects.toThrow("a key has 1 to");
        await expect(store.list("", { after: key })).rejects.toThrow("a key has 1 to");
        expect(await store.get(key)).toBeUndefined();
        expect([await store.count(key), (await store.list(key)).entries]).toEqual([0, []]);
      }
      expect((await store.put(longest, bytes("x"), 0)).written).toBe(true);
    });

    it("takes many more writes at once than go into a batch", async () => {
      const store = await open();
      await Promise.all(Array.from({ length: 3000 }, (_, index) => store.put(`/many/${index}`, bytes("x"), 0)));
      expect([store.revision(), await store.count("/many/")]).toEqual([3000, 3000]);
    });
  });
}

function describeLists(open: Open): void {
  describe("lists", () => {
    it("gives what is under a prefix, in the order of UTF-8 bytes", async () => {
      const store = await open();
      const keys = ["/p/", "/p/a", "/p/a/b", "/p/b", "/p/é", "/p/\uffee", "/p/😀"];
      for (const key of [...keys.toReversed(), "/o", "/q", "/p"]) await write(store, key, "x");
      expect((await store.list("/p/")).entries.map(({ key }) => key)).toEqual(keys);
      expect((await store.list("")).entries).toHaveLength(10);
      expect(await store.list("/none/")).toEqual({ entries: [], revision: 10, more: false, remaining: 0 });
    });

    it("counts under a prefix", async () => {
      const store = await open();
      for (const key of ["/a/1", "/a/2", "/b/1"]) await write(store, key, "x");
      await write(store, "/a/1", undefined);
      expect(await Promise.all(["/a/", "/b/", "/c/", "", "/"].map((prefix) => store.count(prefix)))).toEqual([1, 1, 0, 2, 2]);
    });

    it("continues where a limited listing ended, and says how much remains", async () => {
      const store = await open();
      for (const key of ["a", "b", "c", "d", "e"]) await write(store, `/${key}`, key);
      const first = await store.list("/", { limit: 2 });
      expect([first.entries.map(({ key }) => key), first.more, first.remaining]).toEqual([["/a", "/b"], true, 3]);
      const second = await store.list("/", { limit: 3, after: "/b" });
      expect([second.entries.map(({ key }) => key), second.more, second.remaining]).toEqual([["/c", "/d", "/e"], false, 0]);
      expect((await store.list("/", { after: "/c5" })).entries.map(({ key }) => key)).toEqual(["/d", "/e"]);
    });

    it("pages through one revision while keys come, change and go", async () => {
      const store = await open();
      for (const key of ["a", "c", "d", "f"]) await write(store, `/${key}`, "old");
      const { revision } = await store.list("/", { limit: 1 });
      await write(store, "/c", "new");
      await write(store, "/d", undefined);
      await write(store, "/b", "new");
      await write(store, "/g", "new");
      const rest = await store.list("/", { after: "/a", limit: 2, atRevision: revision });
      expect(rest.entries.map(({ key, value }) => `${key}=${text(value)}`)).toEqual(["/c=old", "/d=old"]);
      expect([rest.revision, rest.more, rest.remaining]).toEqual([revision, true, 1]);
      expect(await keysOf(store, "/", revision)).toEqual(["/a=old", "/c=old", "/d=old", "/f=old"]);
      expect(await keysOf(store, "/")).toEqual(["/a=old", "/b=new", "/c=new", "/f=old", "/g=new"]);
    });

    it("shows one revision in a long listing, whatever is written and forgotten meanwhile", async () => {
      const store = await open({ revisions: 10 });
      await Promise.all(Array.from({ length: 2500 }, (_, index) => store.put(`/long/${index}`, bytes("old"), 0)));
      const listing = store.list("/long/");
      const writes = Array.from({ length: 1200 }, (_, index) => write(store, `/long/${index * 2}`, "new"));
      const { entries, revision } = await listing;
      expect([revision, entries.length, entries.every(({ value }) => text(value) === "old")]).toEqual([2500, 2500, true]);
      await Promise.all(writes);
    });
  });
}

function describePast(open: Open): void {
  describe("the past", () => {
    it("is readable at each revision", async () => {
      const store = await open();
      await write(store, "/a", "1");
      await write(store, "/a", "2");
      await write(store, "/a", undefined);
      await write(store, "/a", "4");
      const states = await Promise.all([0, 1, 2, 3, 4].map(async (revision) => text((await store.get("/a", revision))?.value)));
      expect(states).toEqual([undefined, "1", "2", undefined, "4"]);
      expect((await store.get("/a", 2))?.revision).toBe(2);
    });

    it("is gone once compacted, while the present stays", async () => {
      const store = await open();
      await write(store, "/kept", "k");
      await write(store, "/a", "1");
      await write(store, "/a", "2");
      await write(store, "/a", "3");
      await store.compact(3);
      expect(text((await store.get("/a", 3))?.value)).toBe("2");
      expect(await keysOf(store, "/")).toEqual(["/a=3", "/kept=k"]);
      await expect(store.get("/a", 2)).rejects.toThrow(CompactedError);
      await expect(store.list("/", { atRevision: 1 })).rejects.toMatchObject({ oldest: 3 });
      await expect(store.watch("/", 2, new Recorder())).rejects.toThrow("revision 2 has been compacted, the oldest kept is 3");
      await store.compact(2);
      await store.compact(4);
      expect(await keysOf(store, "/", 4)).toEqual(["/a=3", "/kept=k"]);
    });

    it("keeps revisions going when the newest deletion is compacted", async () => {
      const store = await open();
      await write(store, "/a", "1");
      await write(store, "/a", undefined);
      await store.compact(2);
      expect(await write(store, "/a", "3")).toBe(3);
    });

    it("does not have what is in the future", async () => {
      const store = await open();
      await write(store, "/a", "1");
      await expect(store.get("/a", 2)).rejects.toThrow(FutureRevisionError);
      await expect(store.list("/", { atRevision: 2 })).rejects.toThrow("revision 2 is in the future, the newest is 1");
      await expect(store.compact(2)).rejects.toThrow(FutureRevisionError);
    });

    it("is bounded in revisions", async () => {
      const store = await open({ revisions: 100 });
      for (let round = 0; round < 300; round++) await write(store, `/${round % 7}`, String(round));
      await expect(store.get("/0", 90)).rejects.toThrow(CompactedError);
      expect(await keysOf(store, "/", 201)).toHaveLength(7);
      expect(await store.count("/")).toBe(7);
    });

    it("is bounded in bytes", async () => {
      const store = await open({ bytes: 100_000 });
      for (let round = 0; round < 50; round++) await write(store, "/a", "x".repeat(10_000));
      await expect(store.get("/a", 38)).rejects.toThrow(CompactedError);
      expect((await store.get("/a", 45))?.revision).toBe(45);
    });
  });
}

function describeExpiry(open: Open, advance: (milliseconds: number) => void): void {
  describe("expiry", () => {
    it("deletes a key when its time is over, with an event", async () => {
      const store = await open();
      const recorder = new Recorder();
      await store.watch("/", 0, recorder);
      await store.put("/a", bytes("1"), 0, { timeToLiveSeconds: 10 });
      await store.put("/b", bytes("2"), 0, { timeToLiveSeconds: 20 });
      advance(9_000);
      expect(await store.count("/")).toBe(2);
      advance(2_000);
      await recorder.reached(3);
      expect(recorder.summary).toEqual(["put /a=1 @1", "put /b=2 @2", "delete /a=1 @3"]);
      expect(await keysOf(store, "/")).toEqual(["/b=2"]);
      advance(10_000);
      await recorder.reached(4);
      expect(await store.count("/")).toBe(0);
    });

    it("spares a key that was written again, and goes by its new time", async () => {
      const store = await open();
      const recorder = new Recorder();
      await store.watch("/", 0, recorder);
      for (const key of ["/a", "/b", "/c"]) await store.put(key, bytes("1"), 0, { timeToLiveSeconds: 10 });
      await store.put("/a", bytes("2"), 1);
      await store.put("/b", bytes("2"), 2, { timeToLiveSeconds: 30 });
      advance(11_000);
      await recorder.reached(6);
      expect(await keysOf(store, "/")).toEqual(["/a=2", "/b=2"]);
      advance(20_000);
      await recorder.reached(7);
      expect(await keysOf(store, "/")).toEqual(["/a=2"]);
    });

    it("refuses times that are none", async () => {
      const store = await open();
      for (const timeToLiveSeconds of [0, -1, Number.NaN, Infinity]) {
        await expect(store.put("/a", bytes("1"), 0, { timeToLiveSeconds })).rejects.toThrow("time to live");
      }
    });
  });
}

function describeClosing(open: Open): void {
  describe("closing", () => {
    it("finishes what was asked before, and refuses what comes after", async () => {
      const store = await open();
      const writes = [store.put("/a", bytes("1"), 0), store.put("/b", bytes("2"), 0)];
      await Promise.all([store.close(), store.close()]);
      expect(await Promise.all(writes)).toEqual([1, 2].map((revision) => ({ written: true, revision })));
      const refused = [store.put("/c", bytes("3"), 0), store.get("/a"), store.list("/"), store.count("/"), store.delete("/a", 1), store.compact(1)];
      for (const attempt of refused) await expect(attempt).rejects.toThrow(StoreClosedError);
      await expect(store.watch("/", 0, new Recorder())).rejects.toThrow(StoreClosedError);
    });
  });
}
