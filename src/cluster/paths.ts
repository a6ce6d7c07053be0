import { homedir } from "node:os";
import path from "node:path";

/** Where this machine's clusters are kept: KNARR_HOME, or a place of the system's for root and of the user's for others. */
export function knarrHome(): string {
  const { KNARR_HOME, XDG_DATA_HOME } = process.env;
  if (KNARR_HOME) return path.resolve(KNARR_HOME);
  if (process.platform === "linux" && process.geteuid?.() === 0) return "/var/lib/knarr";
  return path.join(XDG_DATA_HOME || path.join(homedir(), ".local", "share"), "knarr");
}

/** The kubeconfig file that kubectl reads first. */
export function kubeconfigFile(): string {
  const first = (process.env["KUBECONFIG"] ?? "").split(path.delimiter).find((file) => file !== "");
  return first ?? path.join(homedir(), ".kube", "config");
}

/** Name of the kubectl context of a cluster. */
export function contextOf(cluster: string): string {
  return cluster === "knarr" ? "knarr" : `knarr-${cluster}`;
}

/** Where each thing of one cluster lies, below its data directory. */
export interface ClusterPaths {
  readonly certificates: string;
  /** The store's own directory. */
  readonly store: string;
  /** Log, pid and output of each process. */
  readonly processes: string;
  readonly images: string;
  /** A KubeSchedulerConfiguration, where one was given. */
  readonly schedulerConfiguration: string;
  /** For `knarr kubectl`, and for whoever wants a file with this cluster alone. */
  readonly kubeconfig: string;
  /** Says which cluster the directory belongs to. */
  readonly owner: string;
  /** What nodes with containers have, a directory each. */
  readonly nodes: string;
  node(name: string): string;
}

export function clusterPaths(dataDirectory: string): ClusterPaths {
  const below = (...names: string[]): string => path.join(dataDirectory, ...names);
  return {
    certificates: below("certificates"),
    store: below("store"),
    processes: below("processes"),
    images: below("images"),
    schedulerConfiguration: below("scheduler.yaml"),
    kubeconfig: below("kubeconfig"),
    owner: below("owner"),
    nodes: below("nodes"),
    node: (name) => below("nodes", name),
  };
}

/** Nodes with containers are called node-1, node-2 …. */
export function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `node-${index + 1}`);
}

/** Nodes without containers are called sim-1, sim-2 …. */
export function simulatedNodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `sim-${index + 1}`);
}
