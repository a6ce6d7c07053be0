import type { Finding, SourceFile } from "./files.ts";

/** A test that may be skipped says in its name, or its suite's, what it needs: CI judges by that (tools/test-results.ts). */
export function skippedTests(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path, text }) => path.endsWith(".test.ts") && /^\s*(describe|it|test)\.(skip|skipIf|runIf)\(/m.test(text) && !text.includes("(needs "))
    .map(({ path }) => ({
      path,
      message:
        'tests may be skipped here, and no name says why: end it with "(needs facts)" or the like, ' +
        "or use describeWith of test/requirements.ts.",
    }));
}
