/**
 * Runs the tests that carry names of the upstream conformance suite, and says how many of its behaviours they cover.
 *
 *     npm run conformance                          # those on simulated nodes: seconds
 *     npm run conformance -- --real                # and those that drive kubectl and containers: minutes
 *     npm run conformance -- --missing sig-cli     # and names those of a group that no test carries
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { readFact } from "#api/testing/facts.ts";
import { coverageOf, describeCoverage, doubledNames, parseBehaviours, type Trial, unknownNames } from "./conformance/coverage.ts";

const { values } = parseArgs({ options: { real: { type: "boolean", default: false }, missing: { type: "string" } } });
const list = readFact("conformance-v1.36.tsv");
const behaviours = list ? parseBehaviours(new TextDecoder().decode(list)) : [];
const trials = [...run("vitest.config.ts"), ...(values.real ? run("test/vitest.config.ts") : [])];

for (const { name, state } of trials) if (state === "failed") console.log(`failed: ${name}`);
if (list) {
  const coverage = coverageOf(behaviours, trials);
  for (const name of coverage.find(({ sig }) => sig === values.missing)?.missing ?? []) console.log(`no test: ${name}`);
  for (const name of unknownNames(behaviours, trials)) console.log(`not on the list: ${name}`);
  for (const name of doubledNames(trials)) console.log(`more than one test: ${name}`);
  console.log(describeCoverage(coverage));
} else {
  const passed = trials.filter(({ state }) => state === "passed").length;
  console.log(`${passed} of ${trials.length} passed; how many there are upstream is not known: the list is not on this machine`);
}
process.exitCode = trials.some(({ state }) => state === "failed") || unknownNames(behaviours, trials).length > 0 ? 1 : 0;

/** Every test below test/conformance/ that the configuration includes. */
function run(config: string): Trial[] {
  const folder = mkdtempSync(path.join(tmpdir(), "knarr-conformance-"));
  const file = path.join(folder, "results.json");
  const args = ["vitest", "run", "--config", config, "test/conformance/", "--reporter=json", `--outputFile=${file}`, "--passWithNoTests"];
  spawnSync("npx", args, { stdio: ["ignore", "ignore", "inherit"] });
  const results = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : { testResults: [] };
  rmSync(folder, { recursive: true });
  return results.testResults.flatMap(({ name, status, assertionResults }) => {
    const broken = status === "failed" && assertionResults.every((test) => test.status !== "failed");
    return [...assertionResults.map((test) => ({ name: test.title, state: test.status })), ...(broken ? [{ name, state: "failed" }] : [])];
  });
}

/** The part of vitest's report that counts here. */
interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}
