import { describe, expect, it } from "vitest";
import type { Batch } from "./ledger.ts";
import { MemoryLedger } from "./memory/memory-ledger.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { bytes, Recorder, text } from "./testing/recorder.ts";
import { VersionedStore } from "./versioned-store.ts";

/** A disk whose next commit waits or fails as the test wants. */
class TrickyLedger extends MemoryLedger {
  failure: Error | undefined;
  /** Whether readers see a batch as soon as it is written, and before it is known to be durable. */
  showsEarly = false;
  gate: Promise<void> = Promise.resolve();
  readonly batches: Batch[] = [];

  override async commit(batch: Batch): Promise<void> {
    this.batches.push(batch);
    if (this.showsEarly) await super.commit(batch);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    if (!this.showsEarly) await super.commit(batch);
  }

  /** Holds commits back until the returned function is called. */
  hold(): () => void {
    let release = (): void => {};
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }
}

function newStore(): { ledger: TrickyLedger; store: VersionedStore; clock: ManualClock } {
  const ledger = new TrickyLedger();
  const clock = new ManualClock();
  return { ledger, clock, store: new VersionedStore(ledger, { clock, history: { revisions: 1000, bytes: 1_000_000 } }) };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("group commit", () => {
  it("puts into one batch what came while the last was being committed", async () => {
    const { ledger, store } = newStore();
    const release = ledger.hold();
    const first = store.put("/0", bytes("x"), 0);
    await turns();
    const others = Array.from({ length: 10 }, (_, index) => store.put(`/${index + 1}`, bytes("x"), 0));
    release();
    await Promise.all([first, ...others]);
    expect(ledger.batches.map(({ changes }) => changes.length)).toEqual([1, 10]);
  });

  it.each([true, false])("shows nothing of a batch before it is durable, whether the ledger does (%s)", async (showsEarly) => {
    const { ledger, store } = newStore();
    ledger.showsEarly = showsEarly;
    const recorder = new Recorder();
    for (const key of ["/a", "/b", "/d"]) await store.put(key, bytes("old"), 0);
    await store.watch("/", 3, recorder);
    const before = await store.list("/");
    const release = ledger.hold();
    const writes = [store.put("/a", bytes("new"), 1), store.delete("/b", 2), store.put("/c", bytes("new"), 0), store.put("/c", bytes("newer"), 6)];
    await turns();
    expect([store.revision(), recorder.received.length, await store.count("/")]).toEqual([3, 0, 3]);
    expect(await store.list("/")).toEqual(before);
    expect((await store.list("/", { limit: 1 })).remaining).toBe(2);
    expect([text((await store.get("/a"))?.value), text((await store.get("/b"))?.value), await store.get("/c")]).toEqual(["old", "old", undefined]);
    release();
    await Promise.all(writes);
    expect([store.revision(), recorder.received.length, await store.count("/")]).toEqual([7, 4, 3]);
    expect((await store.list("/")).entries.map(({ key, value }) => `${key}=${text(value)}`)).toEqual(["/a=new", "/c=newer", "/d=old"]);
    expect(await store.list("/", { atRevision: 3 })).toEqual(before);
  });
});

describe("a disk that fails", () => {
  it("refuses the writes, keeps what was, and never gives their revisions again", async () => {
    const { ledger, store } = newStore();
    const recorder = new Recorder();
    await store.watch("/", 0, recorder);
    await store.put("/a", bytes("1"), 0);
    ledger.failure = new Error("the disk is full");
    const refused = await Promise.allSettled([store.put("/a", bytes("2"), 1), store.delete("/a", 1), store.put("/b", bytes("2"), 0)]);
    expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect([store.revision(), text((await store.get("/a"))?.value)]).toEqual([1, "1"]);
    ledger.failure = undefined;
    const result = await store.put("/a", bytes("3"), 1);
    expect(result.written && result.revision).toBeGreaterThan(3);
    expect(recorder.summary).toEqual(["put /a=1 @1", `put /a=3 @${store.revision()}`]);
    const late = new Recorder();
    await store.watch("/", 0, late);
    await late.reached(store.revision());
    expect(late.summary).toEqual(recorder.summary);
    expect((await store.list("/", { atRevision: 1 })).entries.map(({ revision }) => revision)).toEqual([1]);
  });

  it("refuses a compaction, which can be asked for again", async () => {
    const { ledger, store } = newStore();
    for (const [expected, value] of ["1", "2", "3"].entries()) await store.put("/a", bytes(value), expected);
    ledger.failure = new Error("the disk is full");
    await expect(store.compact(3)).rejects.toThrow("the disk is full");
    expect(text((await store.get("/a", 1))?.value)).toBe("1");
    ledger.failure = undefined;
    await store.compact(3);
    await expect(store.get("/a", 1)).rejects.toThrow("compacted");
  });

  it("lets expiry try again", async () => {
    const { ledger, store, clock } = newStore();
    const recorder = new Recorder();
    await store.watch("/", 0, recorder);
    await store.put("/a", bytes("1"), 0, { timeToLiveSeconds: 10 });
    ledger.failure = new Error("the disk is full");
    clock.advance(11_000);
    await turns();
    expect(await store.count("/")).toBe(1);
    ledger.failure = undefined;
    clock.advance(1000);
    await recorder.until(() => recorder.received.length === 2);
    expect(await store.count("/")).toBe(0);
  });
});

describe("too much at once", () => {
  it("is refused rather than kept waiting without bound", async () => {
    const { ledger, store } = newStore();
    const release = ledger.hold();
    const writes = Array.from({ length: 20_010 }, (_, index) => store.put(`/${index}`, bytes("x"), 0));
    const refused = expect(writes.at(-1)).rejects.toThrow("writes are waiting for the disk");
    const settled = Promise.allSettled(writes);
    await refused;
    release();
    expect((await settled).filter(({ status }) => status === "rejected")).toHaveLength(10);
  });
});
