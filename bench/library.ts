/**
 * Figures of the control plane as a library, as JSON: `npx tsx bench/library.ts`. Each start is a process of its own that runs the
 * build as users do: its milliseconds from the start of the process until the API answers, and what it then has in memory.
 * `./knarr` builds. Takes some ten seconds.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const starts = 7;
const library = join(import.meta.dirname, "..", "build", "library.js");

/** What one process does: the clock of `performance` began with it. */
const program = `
  const { startCluster } = await import(${JSON.stringify(library)});
  const directory = process.argv[1];
  const cluster = await startCluster(directory ? { store: { directory } } : {});
  await cluster.client().of({ group: "", version: "v1", kind: "ConfigMap", plural: "configmaps" }).list("");
  const ready = performance.now();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ready, cpu: (user + system) / 1000, resident: process.memoryUsage.rss() / 1024 ** 2 }));
  await cluster.stop();
`;

interface Start {
  readonly ready: number;
  readonly cpu: number;
  readonly resident: number;
}

const directory = mkdtempSync(join(tmpdir(), "knarr-bench-"));
try {
  const figures = {
    inMemory: figuresOf(() => start([])),
    onDiskAnew: figuresOf(() => {
      rmSync(directory, { recursive: true });
      return start([directory]);
    }),
    onDiskAgain: figuresOf(() => start([directory])),
  };
  console.log(JSON.stringify({ loadBefore: loadavg()[0], ...figures }, undefined, 2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function start(parameters: readonly string[]): Start {
  const command = ["--max-semi-space-size=8", "--input-type=module", "--eval", program, "--", ...parameters];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: "utf8" })) as Start;
}

/** Best and median; the processor's share is telling also when others use the machine. */
function figuresOf(once: () => Start): object {
  const all = Array.from({ length: starts }, once);
  const of = (field: keyof Start): { best: number; median: number } => {
    const sorted = all.map((one) => one[field]).toSorted((a, b) => a - b);
    return { best: Math.round(sorted[0] ?? 0), median: Math.round(sorted[starts >> 1] ?? 0) };
  };
  return { readyMilliseconds: of("ready"), cpuMilliseconds: of("cpu"), residentMegabytes: of("resident") };
}
