import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Store } from "../store.ts";
import { Recorder, text } from "../testing/recorder.ts";
import { openEmbeddedStore } from "./embedded-store.ts";
import { systemTimers } from "./testing/system-timers.ts";
import { valueOf } from "./testing/value-of-key.ts";

const directory = mkdtempSync(join(tmpdir(), "knarr-killed-"));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

/** What a process said was acknowledged: for each key the revision of its put, and of its deletion. */
interface Acknowledged {
  readonly puts: Map<string, number>;
  readonly deletions: Map<string, number>;
}

/** Lets a process write to the store until it has acknowledged `writes`, and kills it in the middle of more. */
async function writeUntilKilled(round: string, writes: number, whileItRuns: () => Promise<void>): Promise<Acknowledged> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const program = fileURLToPath(new URL("testing/writer-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, directory, round], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const acknowledged: Acknowledged = { puts: new Map(), deletions: new Map() };
  let count = 0;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const [kind = "", key = "", revision = ""] = line.split(" ");
    (kind === "put" ? acknowledged.puts : acknowledged.deletions).set(key, Number(revision));
    if (++count === 1) await whileItRuns();
    if (count === writes) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(count).toBeGreaterThanOrEqual(writes);
  return acknowledged;
}

async function expectAll(store: Store, { puts, deletions }: Acknowledged, formerRevision: number): Promise<void> {
  for (const [key, revision] of puts) {
    const entry = await store.get(key);
    if (entry === undefined) expect(isDeletable(key), `${key} is gone and nobody deleted it`).toBe(true);
    else {
      expect(entry.revision).toBe(revision);
      expect(text(entry.value)).toBe(text(valueOf(key)));
    }
  }
  for (const key of deletions.keys()) expect(await store.get(key)).toBeUndefined();

  const recorder = new Recorder();
  await store.watch("", formerRevision, recorder);
  await recorder.reached(store.revision());
  const revisions = recorder.received.map(({ revision }) => revision);
  expect(revisions).toEqual(Array.from(revisions, (_, index) => formerRevision + index + 1));
  const seen = new Map(recorder.received.map(({ type, key, revision }) => [`${type} ${key}`, revision]));
  for (const [key, revision] of puts) expect(seen.get(`put ${key}`)).toBe(revision);
  for (const [key, revision] of deletions) expect(seen.get(`delete ${key}`)).toBe(revision);
}

/** Every fourth key is deleted by who wrote it, perhaps without having been able to say so. */
function isDeletable(key: string): boolean {
  return Number(key.split("/").at(-1)) % 4 === 0;
}

describe("embedded store under kill -9", () => {
  it("keeps all that was acknowledged, and goes on with higher revisions", { timeout: 30_000 }, async () => {
    let revision = 0;
    for (const writes of [1, 300, 1500]) {
      const acknowledged = await writeUntilKilled(`round-${writes}`, writes, async () => {
        await expect(openEmbeddedStore({ directory, clock: systemTimers })).rejects.toThrow(/is in use by process \d+/);
      });
      const store = await openEmbeddedStore({ directory, clock: systemTimers });
      const newest = Math.max(...acknowledged.puts.values(), ...acknowledged.deletions.values());
      expect(store.revision()).toBeGreaterThanOrEqual(newest);
      await expectAll(store, acknowledged, revision);
      const next = await store.put(`/after-${writes}`, new Uint8Array(1), 0);
      expect(next).toEqual({ written: true, revision: store.revision() });
      revision = store.revision();
      expect(revision).toBeGreaterThan(newest);
      await store.close();
    }
  });
});
