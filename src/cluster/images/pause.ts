import type { Busybox } from "./busybox.ts";
import { file, symlink, type TreeNode, toTar } from "./file-tree.ts";
import type { Image } from "./image.ts";

/** The image of the container that keeps a pod's namespaces. */
export const pauseImage = "knarr.local/pause:1";

/** Waits without end, collecting orphans where the pod shares its process namespace, and ends at once when asked to. */
const script = `#!/bin/sh
trap 'exit 0' TERM INT
while :; do
  sleep 86400 &
  wait
done
`;

export async function makePause(busybox: Busybox): Promise<Image> {
  const tree = new Map<string, TreeNode>([
    ["bin/busybox", file(busybox.program, 0o755)],
    ["bin/sh", symlink("busybox")],
    ["bin/sleep", symlink("busybox")],
    ["pause", file(script, 0o755)],
  ]);
  return { name: pauseImage, layers: [await toTar(tree)], settings: { Entrypoint: ["/pause"], Env: ["PATH=/bin"], User: "65534:65534" } };
}
