import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { PlatformLayout } from "./layout.ts";
import { readMounts } from "./mounts.ts";

/** Where libcni remembers what it set up, whatever the runtime's own directories. */
const CNI_RESULTS = "/var/lib/cni/results";

/** Removes what containerd leaves outside its directories, where pods were killed instead of stopped, and the run directory. */
export async function removeTraces(layout: PlatformLayout): Promise<void> {
  await Promise.all([removeShimSockets(layout), removeCniResults(layout)]);
  await removeFiles(layout.runDirectory);
  await rmdir(dirname(layout.runDirectory)).catch(() => undefined);
  await rmdir(dirname(dirname(layout.runDirectory))).catch(() => undefined);
}

/** Removes a directory, but never through a mount into something that is not ours. */
export async function removeFiles(directory: string): Promise<void> {
  const mounted = (await readMounts()).find(({ path }) => path === directory || path.startsWith(`${directory}/`));
  if (mounted !== undefined) throw new Error(`${mounted.path} is still mounted: not removing ${directory}`);
  await rm(directory, { recursive: true, force: true });
}

/** A shim's socket lies in a directory that all containerds share; its bundle says which it is. */
async function removeShimSockets(layout: PlatformLayout): Promise<void> {
  const bundles = join(layout.containerdState, "io.containerd.runtime.v2.task", "k8s.io");
  for (const bundle of await readdir(bundles).catch(() => [])) {
    for (const file of ["address", "bootstrap.json"]) {
      const text = await readFile(join(bundles, bundle, file), "utf8").catch(() => "");
      const socket = /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]+)/.exec(text)?.[1];
      if (socket !== undefined) await rm(socket, { force: true });
    }
  }
}

async function removeCniResults(layout: PlatformLayout): Promise<void> {
  const sandboxes = ["io.containerd.grpc.v1.cri", "io.containerd.grpc.v1.cri.v1"].map((plugin) => join(layout.containerdRoot, plugin, "sandboxes"));
  const ids = new Set((await Promise.all(sandboxes.map((path) => readdir(path).catch(() => [])))).flat());
  for (const result of await readdir(CNI_RESULTS).catch(() => [])) {
    const id = /-([0-9a-f]{64})-[^-]+$/.exec(result)?.[1];
    if (id !== undefined && ids.has(id)) await rm(join(CNI_RESULTS, result), { force: true });
  }
}
