import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** What a test may need that not every machine has. */
export type Need = "linux" | "root" | "containers" | "cgroup v2";

const met: Record<Need, () => boolean> = {
  linux: () => process.platform === "linux",
  root: () => process.getuid?.() === 0,
  containers: () => met.linux() && met.root() && (onPath("containerd") || onPath("apt-get")),
  "cgroup v2": () => existsSync("/sys/fs/cgroup/cgroup.controllers"),
};

/** Those of `needs` that this machine does not meet. */
export function missing(needs: readonly Need[]): Need[] {
  return needs.filter((need) => !met[need]());
}

/**
 * A suite that runs where the machine has what it needs, and is skipped elsewhere with the reason in its name, which
 * is also what tells CI whether that was right (tools/test-results.ts).
 */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const lacking = missing(needs);
  if (lacking.length === 0) describe(name, body);
  else describe.skip(`${name} (needs ${lacking.join(" and ")})`, body);
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, command)));
}
