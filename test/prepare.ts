import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "#cluster/setup/outside.ts";
import { prepareMachine } from "#cluster/setup/prepare-machine.ts";
import { missing } from "./needs.ts";

/** Before the first test, and once: installs what nodes with containers need, as `knarr up` does. */
export async function setup(): Promise<void> {
  if (missing(["containers"]).length > 0) return;
  const trial = mkdtempSync(join(tmpdir(), "knarr-machine-"));
  await prepareMachine(thisMachine(), trial, (line) => console.error(line));
  rmSync(trial, { recursive: true });
}
