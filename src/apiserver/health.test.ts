import { expect, test } from "vitest";
import { answerHealth, type HealthChecks } from "./health.ts";

const checks = (problem?: string): HealthChecks => ({
  livez: [{ name: "store", problem: () => undefined }],
  readyz: [{ name: "store", problem: () => undefined }, { name: "caches", problem: () => problem }],
});

test.each([
  ["/livez", "", undefined, 200, "ok"],
  ["/readyz", "verbose", undefined, 200, "[+]ping ok\n[+]store ok\n[+]caches ok\nreadyz check passed\n"],
  ["/readyz", "", "filling", 500, "[+]ping ok\n[+]store ok\n[-]caches failed: reason withheld\nreadyz check failed\n"],
  ["/readyz", "exclude=caches", "filling", 200, "ok"],
  ["/readyz/store", "", "filling", 200, "ok"],
  ["/readyz/caches", "", "filling", 500, "[-]caches failed: reason withheld\nreadyz check failed\n"],
  ["/healthz", "", "filling", 200, "ok"],
] as const)("%s?%s with %s", async (path, query, problem, code, body) => {
  expect(await answerHealth(path, new URLSearchParams(query), checks(problem))).toMatchObject({ code, body });
});

test("a check that throws has failed", async () => {
  const throwing = { livez: [{ name: "store", problem: () => { throw new Error("gone"); } }], readyz: [] };
  expect(await answerHealth("/livez", new URLSearchParams(), throwing)).toMatchObject({ code: 500 });
});

test.each(["/livez/nothing", "/metrics", "/"])("%s is left to others", async (path) => {
  expect(await answerHealth(path, new URLSearchParams(), checks())).toBeUndefined();
});
