import { findMachine } from "./find-machine.ts";
import { installPackages, type Progress } from "./install-packages.ts";
import type { Machine } from "./machine.ts";
import type { Outside } from "./outside.ts";
import { planSetup } from "./plan-setup.ts";
import { SetupError } from "./setup-error.ts";

/**
 * Makes this machine fit for nodes with containers, installing what is missing; 100 ms where nothing is.
 *
 * @returns what the machine has now.
 * @throws SetupError when something stands in the way that set-up cannot mend.
 */
export async function prepareMachine(outside: Outside, dataDirectory: string, progress: Progress): Promise<Machine> {
  const before = await findMachine(outside, dataDirectory);
  const { packages, obstacles } = planSetup(before);
  refuse(obstacles);
  if (packages.length === 0) return before;
  await installPackages(outside, packages, progress);
  const after = await findMachine(outside, dataDirectory);
  const remaining = planSetup(after);
  refuse(remaining.obstacles);
  if (remaining.packages.length > 0) {
    throw new SetupError(`apt installed ${packages.join(", ")}, but ${remaining.packages.join(", ")} is still not to be found: look at PATH`);
  }
  return after;
}

function refuse(obstacles: readonly string[]): void {
  if (obstacles.length > 0) throw new SetupError(obstacles.join("\n"));
}
