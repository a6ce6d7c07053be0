import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { VolumeFile } from "../volume.ts";
import { writeAtomically } from "./atomic-writer.ts";

let volume: string;
beforeEach(async () => {
  volume = join(await mkdtemp(join(tmpdir(), "knarr-volume-")), "v");
});
afterEach(() => rm(join(volume, ".."), { recursive: true, force: true }));

const file = (path: string, text: string, mode = 0o644): VolumeFile => ({ path, data: Buffer.from(text), mode });
const names = async (): Promise<string[]> => (await readdir(volume)).filter((name) => !name.startsWith("..")).sort();

it("shows files through one link, with their modes", async () => {
  await writeAtomically(volume, [file("a", "1", 0o400), file("dir/b", "2")], undefined, 0);
  expect(await names()).toEqual(["a", "dir"]);
  expect(await readlink(join(volume, "a"))).toBe("..data/a");
  expect(await readFile(join(volume, "dir/b"), "utf8")).toBe("2");
  expect((await stat(join(volume, "a"))).mode & 0o777).toBe(0o400);
});

it("replaces everything at once, and keeps nothing of before", async () => {
  await writeAtomically(volume, [file("a", "1"), file("b", "2")], undefined, 0);
  const before = await readlink(join(volume, "..data"));
  await writeAtomically(volume, [file("a", "3"), file("c/d", "4")], undefined, 0);
  expect(await readlink(join(volume, "..data"))).not.toBe(before);
  expect(await names()).toEqual(["a", "c"]);
  expect((await readdir(volume)).filter((name) => name.startsWith("..") && name !== "..data")).toHaveLength(1);
});

it("does nothing when nothing changed", async () => {
  await writeAtomically(volume, [file("a", "1")], undefined, 0);
  const before = await readlink(join(volume, "..data"));
  await writeAtomically(volume, [file("a", "1")], undefined, 5_000);
  expect(await readlink(join(volume, "..data"))).toBe(before);
});

it.each(["../x", "/x", "a/../../x", "..data", "", "a//b", "./a"])("refuses the path %o", async (path) => {
  await expect(writeAtomically(volume, [file(path, "x")], undefined, 0)).rejects.toThrow("invalid path");
});

it("never writes outside of the volume, whatever the path", async () => {
  await fc.assert(fc.asyncProperty(fc.stringMatching(/^[./a]{1,8}$/), async (path) => {
    await writeAtomically(volume, [file(path, "x")], undefined, 0).catch(() => undefined);
    expect(await readdir(join(volume, ".."))).toEqual(await lstat(volume).then(() => ["v"], () => []));
  }), { numRuns: 50 });
});
