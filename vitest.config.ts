import { defineConfig } from "vitest/config";
import { ResultsReporter } from "./tools/test-results.ts";

/** Unit tests: beside the code, in any order, in milliseconds; and tests of several components in one process. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/simulation/**/*.test.ts", "test/conformance/simulated/**/*.test.ts"],
    pool: "threads",
    // Files share what they import, which takes more time than they do: no test leaves anything behind in a module.
    isolate: false,
    maxWorkers: 2,
    // Property tests take their time on a busy machine; a hang is still found.
    testTimeout: 30_000,
    reporters: ["dot", new ResultsReporter()],
  },
});
