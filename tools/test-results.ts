import { appendFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

/** What one run of vitest came to, as one line of JSON in the file that KNARR_TEST_RESULTS names. */
export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full names of tests that were skipped although the machine was said to have what they need. */
  readonly wronglySkipped: readonly string[];
}

/** The part of a test that counts here. */
export interface Outcome {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped" | "pending";
}

/**
 * Adds outcomes up. A test that cannot run everywhere says so in its name or its suite's: "… (needs internet)". With
 * `absent` (the needs that this machine is known not to meet), any other skipped test counts as wrongly skipped.
 */
export function summarize(outcomes: readonly Outcome[], absent: ReadonlySet<string> | undefined): TestResults {
  const count = (...states: string[]): number => outcomes.filter(({ state }) => states.includes(state)).length;
  const excused = ({ name }: Outcome): boolean => [...name.matchAll(/\(needs ([^)]+)\)/g)].some(([, needs]) => anyOf(needs, absent));
  const wronglySkipped = absent === undefined ? [] : outcomes.filter((one) => one.state === "skipped" && !excused(one));
  return {
    passed: count("passed"),
    failed: count("failed", "pending"),
    skipped: count("skipped"),
    wronglySkipped: wronglySkipped.map(({ name }) => name),
  };
}

function anyOf(needs: string | undefined, absent: ReadonlySet<string> | undefined): boolean {
  return (needs ?? "").split(/, | and /).some((need) => absent?.has(need));
}

/** Writes the results down for tools/test.mjs, and says of each skipped test that it was. Silent otherwise. */
export class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const outcomes = modules.flatMap((module) => {
      const broken = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      return [...broken.map(brokenSuite), ...[...module.children.allTests()].map(outcome)];
    });
    const results = summarize(outcomes, absentNeeds());
    for (const name of results.wronglySkipped) console.error(`skipped, but this machine was said to have what it needs: ${name}`);
    if (results.wronglySkipped.length > 0) process.exitCode = 1;
    const file = process.env.KNARR_TEST_RESULTS;
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(results)}\n`);
  }
}

/** A suite whose set-up or clean-up failed counts as one failure: vitest calls its tests skipped, or even passed. */
function brokenSuite(suite: TestModule | TestSuite): Outcome {
  return { name: suite.type === "module" ? suite.moduleId : suite.fullName, state: "failed" };
}

function outcome(test: TestCase): Outcome {
  const result = test.result();
  const note = result.state === "skipped" && result.note !== undefined ? ` ${result.note}` : "";
  return { name: `${test.fullName}${note}`, state: result.state };
}

/** Undefined unless KNARR_CI is set: only CI is held to what it says about its machine. */
function absentNeeds(): ReadonlySet<string> | undefined {
  if (process.env.KNARR_CI === undefined) return undefined;
  return new Set((process.env.KNARR_CI_WITHOUT ?? "").split(",").filter((need) => need !== ""));
}
