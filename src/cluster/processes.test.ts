import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exitWithoutRestart, isRunning, outputOf, processIds, type Service, startService, stopService } from "./processes.ts";

let directory: string;
let service: Service;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "knarr-processes-"));
});
afterEach(async () => {
  await stopService(service, 2_000);
  rmSync(directory, { recursive: true });
});

function shell(script: string): Service {
  return { name: "test", directory, command: ["/bin/sh", "-c", script] };
}

const childPid = (): number => Number(readFileSync(path.join(directory, "child"), "utf8"));

test("a service starts once, and ends with its child when stopped", async () => {
  service = shell(`echo $$ > ${directory}/child; exec sleep 1000`);
  expect(await startService(service)).toBe(true);
  expect(await startService(service)).toBe(false);
  await vi.waitFor(() => expect(childPid()).toBeGreaterThan(0));
  const pid = childPid();
  await stopService(service, 2_000);
  expect(isRunning(service)).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow();
});

test("what is killed starts again", async () => {
  service = shell(`echo $$ > ${directory}/child; exec sleep 1000`);
  await startService(service);
  await vi.waitFor(() => expect(childPid()).toBeGreaterThan(0));
  const first = childPid();
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(childPid()).not.toBe(first), { timeout: 5_000 });
  expect(isRunning(service)).toBe(true);
});

test("what says that a restart would not help is left alone, with its last words kept", async () => {
  service = shell(`echo the port is taken; exit ${exitWithoutRestart}`);
  await startService(service);
  await vi.waitFor(() => expect(isRunning(service)).toBe(false), { timeout: 5_000 });
  expect(outputOf(service)).toContain("the port is taken");
});

test("what a killed supervisor left behind is ended before the service starts anew", async () => {
  service = shell(`echo $$ > ${directory}/child; exec sleep 1000`);
  await startService(service);
  await vi.waitFor(() => expect(childPid()).toBeGreaterThan(0));
  const orphan = childPid();
  process.kill(processIds(service)[0]!, "SIGKILL");
  await vi.waitFor(() => expect(isRunning(service)).toBe(false));
  expect(await startService(service)).toBe(true);
  expect(() => process.kill(orphan, 0)).toThrow();
});
