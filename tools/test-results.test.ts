import { describe, expect, it } from "vitest";
import { summarize } from "./test-results.ts";

describe("test results", () => {
  const skipped = (name: string) => ({ name, state: "skipped" as const });

  it("counts a test that never finished as failed", () => {
    const outcomes = [{ name: "a", state: "passed" as const }, { name: "b", state: "pending" as const }, skipped("c")];
    expect(summarize(outcomes, undefined)).toEqual({ passed: 1, failed: 1, skipped: 1, wronglySkipped: [] });
  });

  it("excuses in CI only what needs something the machine is known to lack", () => {
    const outcomes = [skipped("pulls (needs internet)"), skipped("runs (needs root)"), skipped("both (needs root and internet)"), skipped("just so")];
    expect(summarize(outcomes, new Set(["internet"])).wronglySkipped).toEqual(["runs (needs root)", "just so"]);
  });
});
