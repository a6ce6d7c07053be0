import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimDirectory, clearDirectory } from "./data-directory.ts";

let root: string;
let data: string;
let record: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "knarr-data-"));
  data = path.join(root, "data");
  record = path.join(root, "one.json");
  writeFileSync(record, "{}");
});
afterEach(() => rmSync(root, { recursive: true }));

test("a directory belongs to one cluster, for as long as there is that cluster", () => {
  claimDirectory(data, record, false);
  expect(() => claimDirectory(data, record, false), "again").not.toThrow();
  expect(() => claimDirectory(data, path.join(root, "two.json"), false)).toThrow(`${data} is that of cluster one`);
  rmSync(record);
  expect(() => claimDirectory(data, path.join(root, "two.json"), false)).not.toThrow();
});

test("what holds other files, or is no directory, is refused", () => {
  mkdirSync(data);
  writeFileSync(path.join(data, "letter"), "");
  expect(() => claimDirectory(data, record, false)).toThrow("holds files that are no cluster's");
  expect(() => claimDirectory(record, record, false)).toThrow("cannot be used (ENOTDIR)");
  expect(() => claimDirectory("/proc/knarr", record, false)).toThrow(/cannot be used \(E\w+\): give another with --data-dir/);
});

test("clearing takes what is the cluster's, and leaves what is not", async () => {
  claimDirectory(data, record, false);
  mkdirSync(path.join(data, "store"));
  mkdirSync(path.join(data, "nodes", "node-1"), { recursive: true });
  writeFileSync(path.join(data, "letter"), "");
  await clearDirectory(data);
  expect(readdirSync(data)).toEqual(["letter"]);
  rmSync(path.join(data, "letter"));
  await clearDirectory(data);
  expect(existsSync(data)).toBe(false);
});
