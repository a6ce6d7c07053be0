import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

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

function onPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, command)));
}
