import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { whileLocked } from "./lock.ts";

let directory: string;
let file: string;
const quiet = { step: <T>(_title: string, work: (report: () => void) => Promise<T>): Promise<T> => work(() => undefined) };

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "knarr-lock-"));
  file = path.join(directory, "one.lock");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the second waits for the first", async () => {
  const order: string[] = [];
  const first = whileLocked(file, quiet, async () => {
    order.push("first begins");
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push("first ends");
  });
  await Promise.all([first, whileLocked(file, quiet, () => Promise.resolve(order.push("second")))]);
  expect(order).toEqual(["first begins", "first ends", "second"]);
  expect(readdirSync(directory)).toEqual([]);
});

test("work that fails gives the lock back", async () => {
  await expect(whileLocked(file, quiet, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(file)).toBe(false);
});

test.each(["999999999 1", `${process.pid} another start`, "1 0"])("what a dead process left (%s) counts for nothing", async (holder) => {
  writeFileSync(file, `${holder}\n`);
  expect(await whileLocked(file, quiet, () => Promise.resolve("done"))).toBe("done");
});
