import { join } from "node:path";

/** Where everything of one node's platform lies. Nothing of it lies elsewhere, but for sockets of shims. */
export interface PlatformLayout {
  /** Network namespace, `/run/netns/<this>`. */
  readonly networkNamespace: string;
  /** Survives a stop. */
  readonly directory: string;
  readonly containerdRoot: string;
  readonly containerdConfiguration: string;
  readonly containerdLog: string;
  readonly cniConfigurations: string;
  /** Which pod addresses are taken. */
  readonly cniState: string;
  readonly registryHosts: string;
  /** Gone after a stop or a restart of the machine. */
  readonly runDirectory: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly runcRoot: string;
  /** Parent of every cgroup of the node, below each hierarchy's root. */
  readonly cgroup: string;
}

/** Linux's limit for the path of a unix socket, without its end. */
const MAXIMUM_SOCKET_PATH_BYTES = 107;

/**
 * @param directory the node's own directory.
 * @param runParent usually `/run/knarr`: short, since socket paths are limited, and emptied when the machine starts.
 */
export function platformLayout(cluster: string, node: string, directory: string, runParent = "/run/knarr"): PlatformLayout {
  const runDirectory = join(runParent, cluster, node);
  const containerdSocket = join(runDirectory, "containerd.sock");
  const excess = Buffer.byteLength(`${containerdSocket}.ttrpc`) - MAXIMUM_SOCKET_PATH_BYTES;
  if (excess > 0) throw new Error(`the names of cluster "${cluster}" and node "${node}" are ${excess} bytes too long for a socket's path`);
  return {
    networkNamespace: `knarr-${cluster}-${node}`,
    directory,
    containerdRoot: join(directory, "containerd"),
    containerdConfiguration: join(directory, "containerd.toml"),
    containerdLog: join(directory, "containerd.log"),
    cniConfigurations: join(directory, "cni", "conf.d"),
    cniState: join(directory, "cni", "state"),
    registryHosts: join(directory, "certs.d"),
    runDirectory,
    containerdState: join(runDirectory, "containerd"),
    containerdSocket,
    runcRoot: join(runDirectory, "runc"),
    cgroup: `/knarr/${cluster}/${node}`,
  };
}

/** Runs the rest of a command line inside the node's network namespace. Never `ip netns exec`, which hides the cgroups. */
export function inNetworkNamespace(layout: PlatformLayout): readonly [string, ...string[]] {
  return ["nsenter", `--net=/run/netns/${layout.networkNamespace}`];
}
