import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { VirtualClock } from "#machinery/clock.ts";
import { LogRotation } from "./log-rotation.ts";

let directory: string;
let path: string;
const clock = new VirtualClock(Date.UTC(2026, 0, 2, 3, 4, 5));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "knarr-logs-"));
  path = join(directory, "0.log");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function rotation(reopen: () => Promise<void>): LogRotation {
  return new LogRotation({ clock, logs: () => [{ id: "c", path }], reopen, bytes: 10, files: 4 });
}

it("leaves short logs alone", async () => {
  await writeFile(path, "short");
  await rotation(() => Promise.reject(new Error("must not be called"))).rotateAll();
  expect(await readdir(directory)).toEqual(["0.log"]);
});

it("sets long logs aside, compresses older parts and drops the oldest", async () => {
  const rounds = rotation(() => writeFile(path, ""));
  for (let round = 0; round < 5; round++) {
    await writeFile(path, "a long line of output");
    await rounds.rotateAll();
    await clock.advance(1_000);
  }
  expect((await readdir(directory)).sort()).toEqual(["0.log", "0.log.20260102-030407.gz", "0.log.20260102-030408.gz", "0.log.20260102-030409"]);
});

it("gives the file its name back when the runtime does not open another", async () => {
  await writeFile(path, "a long line of output");
  await rotation(() => Promise.reject(new Error("away"))).rotateAll();
  expect(await readdir(directory)).toEqual(["0.log"]);
});
