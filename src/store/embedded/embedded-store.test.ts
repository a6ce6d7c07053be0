import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { afterAll, describe, expect, it } from "vitest";
import type { HistoryLimits, Store } from "../store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { bytes, Recorder, text } from "../testing/recorder.ts";
import { describeStore, write } from "../testing/store-suite.ts";
import { openEmbeddedStore } from "./embedded-store.ts";

const directories = mkdtempSync(join(tmpdir(), "knarr-store-"));
let made = 0;

function newDirectory(): string {
  return join(directories, String(made++));
}

afterAll(() => rmSync(directories, { recursive: true }));

describeStore("embedded store", (options) => openEmbeddedStore({ directory: newDirectory(), ...options }));

describe("embedded store, opened again", () => {
  async function reopened(use: (store: Store) => Promise<void>, history?: Partial<HistoryLimits>, clock = new ManualClock()): Promise<Store> {
    const directory = newDirectory();
    const first = await openEmbeddedStore({ directory, clock, history });
    await use(first);
    await first.close();
    return openEmbeddedStore({ directory, clock, history });
  }

  it("has everything, and goes on with higher revisions", async () => {
    const store = await reopened(async (first) => {
      await write(first, "/a", "1");
      await write(first, "/b", "2");
      await write(first, "/a", undefined);
    });
    expect(store.revision()).toBe(3);
    expect((await store.list("/")).entries.map(({ key, value, revision }) => `${key}=${text(value)} @${revision}`)).toEqual(["/b=2 @2"]);
    expect(await write(store, "/a", "4")).toBe(4);
    await store.close();
  });

  it("never gives a revision twice, also when all there was has been deleted and forgotten", async () => {
    const store = await reopened(async (first) => {
      await write(first, "/a", "1");
      await write(first, "/a", undefined);
      await first.compact(2);
    });
    expect(store.revision()).toBe(2);
    await expect(store.get("/a", 1)).rejects.toThrow("revision 1 has been compacted, the oldest kept is 2");
    expect(await write(store, "/a", "3")).toBe(3);
    await store.close();
  });

  it("resumes watches from before, and still reads the past", async () => {
    const store = await reopened(async (first) => {
      for (const value of ["1", "2", "3"]) await write(first, "/a", value);
    });
    const recorder = new Recorder();
    await store.watch("/", 1, recorder);
    await recorder.reached(3);
    expect(recorder.summary).toEqual(["put /a=2 @2", "put /a=3 @3"]);
    expect(text(recorder.received[0]?.previous?.value)).toBe("1");
    expect(text((await store.get("/a", 2))?.value)).toBe("2");
    await store.close();
  });

  it("keeps to its bounds over restarts", async () => {
    const store = await reopened(
      async (first) => {
        for (let round = 0; round < 30; round++) await write(first, "/a", "x".repeat(10_000));
      },
      { bytes: 100_000 },
    );
    for (let round = 0; round < 5; round++) await write(store, "/a", "x".repeat(10_000));
    await expect(store.get("/a", 22)).rejects.toThrow("compacted");
    expect((await store.get("/a", 30))?.revision).toBe(30);
    await store.close();
  });

  it("deletes what expired meanwhile", async () => {
    const clock = new ManualClock();
    const store = await reopened(
      async (first) => {
        await first.put("/a", bytes("1"), 0, { timeToLiveSeconds: 10 });
        await first.put("/b", bytes("2"), 0, { timeToLiveSeconds: 60 });
        clock.advance(9_000);
      },
      undefined,
      clock,
    );
    const recorder = new Recorder();
    await store.watch("/", 2, recorder);
    clock.advance(2_000);
    await recorder.reached(3);
    expect(recorder.summary).toEqual(["delete /a=1 @3"]);
    await write(store, "/c", "4");
    expect(clock.timers).toBe(1);
    await store.close();
    expect(clock.timers).toBe(0);
  });
});

describe("embedded store's directory", () => {
  const clock = new ManualClock();

  it("is for its owner only", async () => {
    const directory = newDirectory();
    const store = await openEmbeddedStore({ directory, clock });
    await write(store, "/a", "1");
    const modes = [directory, join(directory, "data.mdb"), join(directory, "lock.mdb")].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "600", "600"]);
    await store.close();
  });

  it("keeps the page size that it was made with", async () => {
    const directory = newDirectory();
    mkdirSync(directory);
    await open({ path: directory, noSubdir: false, pageSize: 16_384 }).close();
    const store = await openEmbeddedStore({ directory, clock });
    expect(await write(store, "/a", "1")).toBe(1);
    await store.close();
  });

  it("is refused while it is in use", async () => {
    const directory = newDirectory();
    const store = await openEmbeddedStore({ directory, clock });
    await expect(openEmbeddedStore({ directory, clock })).rejects.toThrow(`the store in ${directory} is in use by process ${process.pid}`);
    expect(await write(store, "/a", "1")).toBe(1);
    await store.close();
    await (await openEmbeddedStore({ directory, clock })).close();
  });

  it("is refused, with a reason, where it cannot be one", async () => {
    const file = newDirectory();
    writeFileSync(file, "");
    await expect(openEmbeddedStore({ directory: file, clock })).rejects.toThrow(`cannot use the store in ${file}: it is not a directory`);
    await expect(openEmbeddedStore({ directory: join(file, "below"), clock })).rejects.toThrow("it is not a directory");
    for (const content of ["short", "something else".repeat(10_000), "\0".repeat(100_000)]) {
      const foreign = newDirectory();
      mkdirSync(foreign);
      writeFileSync(join(foreign, "data.mdb"), content);
      await expect(openEmbeddedStore({ directory: foreign, clock })).rejects.toThrow("its files are damaged or not a store");
    }
  });
});
