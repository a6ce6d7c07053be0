/**
 * Figures of the embedded store, as JSON: `npx tsx bench/store.ts [DIRECTORY]`. It works in a temporary directory below
 * DIRECTORY (the system's, when absent; give one on the disk that counts) and removes it again. Takes some ten seconds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemClock } from "#machinery/clock.ts";
import { openEmbeddedStore } from "#store/embedded/embedded-store.ts";
import type { Store } from "#store/store.ts";

const valueBytes = 2048;
const scannedEntries = 100_000;
const secondsPerMeasure = 1.5;

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), "knarr-bench-"));
try {
  console.log(JSON.stringify(await measure(), undefined, 2));
} finally {
  rmSync(directory, { recursive: true });
}

async function measure(): Promise<object> {
  await import("lmdb");
  let store = await open();
  const writers: object[] = [];
  for (const count of [1, 64, 256]) writers.push(await measureWriters(store, count));
  for (let index = 0; index < scannedEntries; index += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, offset) => store.put(`/scan/${index + offset}`, new Uint8Array(valueBytes), 0)));
  }
  const scan = await timed(() => store.list("/scan/"));
  const page = await timed(() => store.list("/scan/", { limit: 500 }));
  const count = await timed(() => store.count("/scan/"));
  await store.close();
  const opening = await timed(async () => (store = await open()));
  const replay = await timed(() => replayed(store));
  await store.close();
  return {
    valueBytes,
    writers,
    scan: { entries: scan.result.entries.length, milliseconds: scan.milliseconds },
    pageOf500Milliseconds: page.milliseconds,
    countMilliseconds: count.milliseconds,
    openMilliseconds: opening.milliseconds,
    watchFromThePast: { events: replay.result, milliseconds: replay.milliseconds },
    residentMegabytes: Math.round(process.memoryUsage.rss() / 1024 ** 2),
  };
}

function open(): Promise<Store> {
  return openEmbeddedStore({ directory: join(directory, "store"), clock: systemClock });
}

/** Each writer creates one key after the other, as soon as the last is durable; one watcher sees them all. */
async function measureWriters(store: Store, count: number): Promise<object> {
  let isOver = false;
  let writes = 0;
  let watched = 0;
  const watch = await store.watch("/write/", store.revision(), { events: (batch) => void (watched += batch.length), ended: () => {} });
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const latencies: number[] = [];
  const writing = Array.from({ length: count }, async (_, writer) => {
    for (let sequence = 0; !isOver; sequence++) {
      const start = performance.now();
      await store.put(`/write/${count}/${writer}/${sequence}`, new Uint8Array(valueBytes), 0);
      latencies.push(performance.now() - start);
      writes++;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, secondsPerMeasure * 1000));
  isOver = true;
  await Promise.all(writing);
  stalls.disable();
  watch.close();
  latencies.sort((left, right) => left - right);
  const quantile = (share: number): number => round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return {
    writers: count,
    writesPerSecond: Math.round(writes / secondsPerMeasure),
    p50Milliseconds: quantile(0.5),
    p99Milliseconds: quantile(0.99),
    longestStallMilliseconds: round(stalls.max / 1e6),
    watched: watched === writes,
  };
}

/** Watches from the oldest revision kept until all has been delivered. */
async function replayed(store: Store): Promise<number> {
  const from = store.revision() - 50_000;
  let events = 0;
  await new Promise<void>((resolve, reject) => {
    void store.watch("", from, { events: (batch) => void (events += batch.length), progress: () => resolve(), ended: reject }).catch(reject);
  });
  return events;
}

async function timed<Result>(action: () => Promise<Result>): Promise<{ result: Result; milliseconds: number }> {
  const start = performance.now();
  const result = await action();
  return { result, milliseconds: round(performance.now() - start) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
