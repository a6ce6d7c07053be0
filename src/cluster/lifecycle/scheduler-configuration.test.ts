import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { ownSchedulerConfiguration } from "../control-plane/scheduler-configuration.ts";
import { clusterPaths } from "../paths.ts";
import { adoptSchedulerConfiguration } from "./scheduler-configuration.ts";

const directory = mkdtempSync(path.join(tmpdir(), "knarr-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

const file = path.join(directory, "given.yaml");
const own = clusterPaths(directory).schedulerConfiguration;
const head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

test("a configuration that is given is the cluster's own from then on", async () => {
  expect(ownSchedulerConfiguration(own)).toBeUndefined();
  writeFileSync(file, `${head}profiles: [{ schedulerName: mine }]\n`);
  expect(await adoptSchedulerConfiguration(file, directory)).toBe(true);
  expect(await adoptSchedulerConfiguration(file, directory)).toBe(false);
  expect(await adoptSchedulerConfiguration(undefined, directory)).toBe(false);
  expect((await ownSchedulerConfiguration(own))?.profiles.map(({ name }) => name)).toEqual(["mine"]);
});

test("one that is wrong is refused, and the cluster keeps its own", async () => {
  writeFileSync(file, `${head}profilez: []\n`);
  await expect(adoptSchedulerConfiguration(file, directory)).rejects.toThrow('strict decoding error: unknown field "profilez"');
  expect((await ownSchedulerConfiguration(own))?.profiles.map(({ name }) => name)).toEqual(["mine"]);
});
