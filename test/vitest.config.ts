import { defineConfig } from "vitest/config";
import { ResultsReporter } from "../tools/test-results.ts";

/** Tests that drive a real cluster: one after the other, each with minutes rather than seconds. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/simulation/**", "test/conformance/simulated/**"],
    root: new URL("..", import.meta.url).pathname,
    globalSetup: "test/prepare.ts",
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    // Of tests that say they may run side by side: they mostly wait for pods.
    maxConcurrency: 8,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ["verbose", new ResultsReporter()],
  },
});
