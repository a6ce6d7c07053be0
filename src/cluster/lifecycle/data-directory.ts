import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { removeFiles } from "../nodes/traces.ts";
import { clusterPaths } from "../paths.ts";
import { SetupError } from "../setup/setup-error.ts";

/**
 * Makes a directory the data directory of the cluster whose record is the file `record`; it says so from then on. A cluster that is known
 * already has it since before there was such a mark.
 *
 * @throws SetupError when it cannot be used, belongs to another cluster, or holds files that are no cluster's
 */
export function claimDirectory(directory: string, record: string, isKnown: boolean): void {
  const { owner } = clusterPaths(directory);
  try {
    makeDirectory(directory);
    const files = readdirSync(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    const other = existsSync(owner) ? readFileSync(owner, "utf8").trim() : undefined;
    if (other === record) return;
    if (other !== undefined && existsSync(other)) throw belongsTo(directory, other);
    if (other === undefined && !isKnown && files.length > 0) {
      throw new SetupError(`the data directory ${directory} holds files that are no cluster's: give an empty or new one with --data-dir`);
    }
    writeFileSync(owner, `${record}\n`, { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new SetupError(`the data directory ${directory} cannot be used (${code}): give another with --data-dir, or change its owner`, { cause });
  }
}

/** Step by step: below /proc, where nothing can be made, Node's own recursion never ends. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

function belongsTo(directory: string, record: string): SetupError {
  const name = path.basename(record, ".json");
  return new SetupError(`the data directory ${directory} is that of cluster ${name} (${record}): give another with --data-dir`);
}

/** Removes what a cluster keeps in its data directory, and the directory unless there is more in it. Its nodes must be stopped. */
export async function clearDirectory(directory: string): Promise<void> {
  const { processes, store, certificates, images, kubeconfig, nodes, owner } = clusterPaths(directory);
  await removeFiles(nodes);
  for (const ours of [processes, store, certificates, images, kubeconfig, owner]) rmSync(ours, { recursive: true, force: true });
  try {
    rmdirSync(directory);
  } catch {
    // Not empty, or a mount point of the user's: what is left is theirs.
  }
}
