import { defineConfig } from "vitest/config";
import { ResultsReporter } from "./tools/test-results.ts";

/** Unit tests: beside the code, in any order, in milliseconds. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts"],
    pool: "threads",
    maxWorkers: 2,
    reporters: ["dot", new ResultsReporter()],
  },
});
