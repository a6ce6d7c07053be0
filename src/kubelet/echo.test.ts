import { expect, test } from "vitest";
import type { Pod, PodStatus } from "#api/generated/core-v1.ts";
import { isEcho } from "./echo.ts";
import { podOf } from "./testing/pods.ts";

const before = podOf();
const told: PodStatus = { ...before.status, phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
const answered: Pod = { ...before, status: told };

const gate = { type: "example.com/gate", status: "True" } as const;
const annotated: Pod = { ...answered, metadata: { ...answered.metadata, annotations: { "simulation.knarr.dev/ready": "false" } } };
const deleted: Pod = { ...answered, metadata: { ...answered.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
const evicted: Pod = { ...answered, status: { ...told, phase: "Failed" } };

test.each([
  ["its status comes back as it was told", answered, true],
  ["others' conditions stand before ours", { ...answered, status: { ...told, conditions: [...told.conditions!].reverse() } }, true],
  ["an annotation was set", annotated, false],
  ["it is to end", deleted, false],
  ["somebody else says that it failed", evicted, false],
  ["a readiness gate opened", { ...answered, status: { ...told, conditions: [...told.conditions!, gate] } }, false],
  ["its image is another", { ...answered, spec: { ...before.spec, containers: [] } }, false],
] as const)("of a pod of which %s, it is said whether that is news", (_what, pod, expected) => {
  expect(isEcho(pod as Pod, before, told)).toBe(expected);
});
