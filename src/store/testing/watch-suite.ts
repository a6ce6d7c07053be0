import { describe, expect, it } from "vitest";
import { CompactedError, type HistoryLimits, type Store, StoreClosedError } from "../store.ts";
import { bytes, Recorder, text } from "./recorder.ts";

type Open = (history?: Partial<HistoryLimits>) => Promise<Store>;

/** What every implementation of `Store` has to pass where watches are concerned. */
export function describeWatches(open: Open): void {
  describe("watches", () => {
    it("sees every change under its prefix, in order, with what was there before", async () => {
      const store = await open();
      const recorder = new Recorder();
      await store.watch("/a/", 0, recorder);
      await store.put("/a/1", bytes("x"), 0);
      await store.put("/b/1", bytes("no"), 0);
      await store.put("/a/1", bytes("y"), 1);
      await store.delete("/a/1", 3);
      expect(recorder.summary).toEqual(["put /a/1=x @1", "put /a/1=y @3", "delete /a/1=y @4"]);
      const previous = recorder.received.map((event) => event.previous && `${text(event.previous.value)} @${event.previous.revision}`);
      expect(previous).toEqual([undefined, "x @1", "y @3"]);
    });

    it("has been served when a write resolves, and the revision has been reached when it is served", async () => {
      const store = await open();
      const recorder = new Recorder();
      let behind = 0;
      await store.watch("/", 0, {
        events: (batch) => {
          if (store.revision() < batch.at(-1)!.revision) behind++;
          recorder.events(batch);
        },
        ended: () => {},
      });
      await Promise.all(
        Array.from({ length: 30 }, async (_, index) => {
          const result = await store.put(`/${index}`, bytes("x"), 0);
          expect(recorder.received.some(({ revision }) => result.written && revision === result.revision)).toBe(true);
        }),
      );
      expect(behind).toBe(0);
    });

    it("starts in the past, and goes on in the present without gap or repetition", async () => {
      const store = await open();
      const place = (index: number): string => `/${index % 2 === 0 ? "even" : "odd"}/${index}`;
      await Promise.all(Array.from({ length: 2500 }, (_, index) => store.put(place(index), bytes("x"), 0)));
      const recorder = new Recorder();
      await store.watch("/even/", 100, recorder);
      const writes = Array.from({ length: 100 }, (_, index) => store.put(`/even/late-${index}`, bytes("x"), 0));
      await Promise.all(writes);
      await recorder.reached(2600);
      const revisions = recorder.received.map(({ revision }) => revision);
      expect(revisions).toHaveLength(1200 + 100);
      expect(revisions).toEqual(revisions.toSorted((left, right) => left - right));
      expect(new Set(revisions).size).toBe(revisions.length);
      expect(revisions[0]).toBe(101);
    });

    it("waits for a revision that is not yet", async () => {
      const store = await open();
      const recorder = new Recorder();
      await store.watch("/", 2, recorder);
      await Promise.all(["a", "b", "c", "d"].map((key) => store.put(`/${key}`, bytes("x"), 0)));
      expect(recorder.summary).toEqual(["put /c=x @3", "put /d=x @4"]);
    });

    it("gives watchers of one prefix the same batch, and each prefix its own", async () => {
      const store = await open();
      const [first, second, all, none] = [new Recorder(), new Recorder(), new Recorder(), new Recorder()];
      await store.watch("/a/", 0, first);
      await store.watch("/a/", 0, second);
      await store.watch("", 0, all);
      await store.watch("/a/1/", 0, none);
      await Promise.all(["/a/1", "/a/2", "/b/1"].map((key) => store.put(key, bytes("x"), 0)));
      expect(first.batches).toHaveLength(1);
      expect(second.batches[0]).toBe(first.batches[0]);
      expect([all.received.length, none.received.length]).toEqual([3, 0]);
    });

    it("reports progress, also when nothing under the prefix changed", async () => {
      const store = await open();
      const recorder = new Recorder();
      await store.watch("/quiet/", 0, recorder);
      await store.put("/loud/1", bytes("x"), 0);
      expect(recorder.progressed.at(-1)).toBe(1);
      await store.put("/loud/2", bytes("x"), 0);
      expect(recorder.progressed.at(-1)).toBe(2);
      expect(recorder.received).toEqual([]);
    });

    it("never reports progress beyond what it delivered", async () => {
      const store = await open();
      const seen: number[] = [];
      let violations = 0;
      await Promise.all(Array.from({ length: 20 }, (_, index) => store.put(`/${index}`, bytes("x"), 0)));
      await store.watch("/", 0, {
        events: (batch) => void seen.push(...batch.map(({ revision }) => revision)),
        progress: (revision) => {
          if (seen.length !== revision) violations++;
        },
        ended: () => {},
      });
      for (let index = 20; index < 40; index++) await store.put(`/${index}`, bytes("x"), 0);
      expect(violations).toBe(0);
    });

    it("hears nothing after it was closed, not even within a batch", async () => {
      const store = await open();
      const [closed, other] = [new Recorder(), new Recorder()];
      const watch = await store.watch("/", 0, closed);
      await store.watch("/", 0, { events: () => watch.close(), ended: () => {} });
      await store.watch("/", 0, other);
      await store.put("/a", bytes("x"), 0);
      await store.put("/b", bytes("x"), 0);
      expect([closed.received.length, closed.error, other.received.length]).toEqual([1, undefined, 2]);
      watch.close();
    });

    it("may be closed while it catches up", async () => {
      const store = await open();
      await Promise.all(Array.from({ length: 10 }, (_, index) => store.put(`/${index}`, bytes("x"), 0)));
      const recorder = new Recorder();
      (await store.watch("/", 0, recorder)).close();
      const received = recorder.received.length;
      await store.put("/late", bytes("x"), 0);
      await store.compact(5);
      expect([recorder.received.length, recorder.error]).toEqual([received, undefined]);
    });

    it("may be started from within another, which shows it nothing twice", async () => {
      const store = await open();
      const inner = new Recorder();
      let isStarted = false;
      await store.watch("/", 0, {
        events: () => {
          if (!isStarted) void store.watch("/", store.revision(), inner);
          isStarted = true;
        },
        ended: () => {},
      });
      await store.put("/a", bytes("1"), 0);
      await store.put("/b", bytes("2"), 0);
      expect(inner.summary).toEqual(["put /b=2 @2"]);
    });

    it("ends, alone, when its listener throws", async () => {
      const store = await open();
      const other = new Recorder();
      let ended: Error | undefined;
      await store.watch("/", 0, {
        events: () => {
          throw new Error("no");
        },
        ended: (error) => {
          ended = error;
        },
      });
      await store.watch("/", 0, other);
      expect((await store.put("/a", bytes("1"), 0)).written).toBe(true);
      expect([ended?.message, other.received.length]).toEqual(["the watch's listener threw an error", 1]);
    });

    it("ends, rather than leave something out, when what it has yet to catch up with is compacted", async () => {
      const store = await open();
      await Promise.all(Array.from({ length: 5000 }, (_, index) => store.put(`/${index}`, bytes("x"), 0)));
      const recorder = new Recorder();
      let compaction: Promise<void> | undefined;
      await store.watch("/", 0, {
        events: (batch) => {
          recorder.events(batch);
          compaction ??= store.compact(5000);
        },
        progress: (revision) => recorder.progress(revision),
        ended: (error) => recorder.ended(error),
      });
      await recorder.until(() => recorder.error !== undefined || recorder.progressed.length > 0);
      await compaction;
      expect(recorder.received.map(({ revision }) => revision)).toEqual(Array.from(recorder.received, (_, index) => index + 1));
      if (recorder.received.length < 5000) expect(recorder.error).toBeInstanceOf(CompactedError);
    });

    it("ends when the store is closed", async () => {
      const store = await open();
      const [live, resuming] = [new Recorder(), new Recorder()];
      await store.put("/a", bytes("1"), 0);
      await store.watch("/", 1, live);
      await store.watch("/", 0, resuming);
      await store.close();
      await resuming.until(() => resuming.error !== undefined);
      expect([live.error, resuming.error]).toEqual([expect.any(StoreClosedError), expect.any(StoreClosedError)]);
    });
  });
}
