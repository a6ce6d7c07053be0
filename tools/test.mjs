// `./knarr test`: everything. The checks and unit tests first, then the tests that drive a real cluster; what is given
// on the command line goes to the latter (`./knarr test upgrade` runs the files whose names contain "upgrade").
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const filters = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "knarr-test-"));
const resultsFile = path.join(folder, "results");

const passed = [
  filters.length > 0 || run("node", ["tools/check.mjs"]),
  !hasClusterTests() || run("npm", ["run", "--silent", "e2e", "--", ...filters]),
].every(Boolean);

const results = existsSync(resultsFile) ? readFileSync(resultsFile, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : [];
rmSync(folder, { recursive: true });
const sum = (field) => results.reduce((total, one) => total + one[field], 0);
// A check or a run that broke before it could count still counts once.
const failed = passed ? sum("failed") : Math.max(1, sum("failed"));
console.log(`${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped`);
process.exitCode = failed > 0 ? 1 : 0;

function run(command, parameters) {
  const environment = { ...process.env, KNARR_TEST_RESULTS: resultsFile };
  return spawnSync(command, parameters, { cwd: root, stdio: "inherit", env: environment }).status === 0;
}

function hasClusterTests() {
  return readdirSync(path.join(root, "test"), { recursive: true }).some((name) => name.endsWith(".test.ts"));
}
