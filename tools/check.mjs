// `npm run check`: every check that needs no cluster, one after the other; quiet while they pass.
import { spawnSync } from "node:child_process";

const steps = ["generate", "types", "lint", "layers", "tidy", "unit"];
const times = [];

for (const step of steps) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", step], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}\nnpm run ${step} failed\n`);
    process.exit(1);
  }
  const summary = step === "unit" ? /Tests .*/.exec(stdout.replaceAll(/\x1b\[[\d;]*m/g, ""))?.[0] : undefined;
  times.push(`${step} ${((performance.now() - start) / 1000).toFixed(1)} s${summary === undefined ? "" : ` (${summary.trim()})`}`);
}
console.log(times.join(", "));
