import path from "node:path";
import type { Fleet } from "#api/generated/simulation-v1.ts";
import type { ClusterRecord } from "../clusters.ts";
import { MAXIMUM_NODES } from "../network-plan.ts";
import { SetupError } from "../setup/setup-error.ts";
import { nodesIn } from "../simulated-nodes/fleet.ts";

export interface UpOptions {
  readonly name: string;
  /** Nodes with containers. Absent: as before; of a new cluster 1, or none beside simulated ones. */
  readonly nodes?: number;
  /** Absent: as before, or as many as the fleet has. */
  readonly simulatedNodes?: number;
  /** What those are like. Absent: as before. */
  readonly fleet?: Fleet;
  /** Port of the API on loopback. Absent: as before; of a new cluster the first free one from 6443 on. */
  readonly port?: number;
  readonly dataDirectory?: string;
  /** Versions of kinds to serve besides the generally available ones. Absent: as before. */
  readonly runtimeConfig?: string;
  /** File with a KubeSchedulerConfiguration. Absent: as before. */
  readonly schedulerConfiguration?: string;
}

/** A cluster before its place on this machine is settled. */
export type WantedCluster = Omit<ClusterRecord, "index" | "port"> & { readonly port: number | undefined };

const mostSimulatedNodes = 16_000;

/**
 * What is asked for now, and for the rest what was before.
 * @param dataParent where data directories lie unless asked otherwise
 * @throws SetupError for what cannot be
 */
export function wantedCluster(options: UpOptions, known: ClusterRecord | undefined, dataParent: string): WantedCluster {
  checkName(options.name);
  const simulatedNodes = options.simulatedNodes ?? (options.fleet && nodesIn(options.fleet)) ?? known?.simulatedNodes ?? 0;
  const fleet = options.fleet ?? known?.fleet;
  const nodes = options.nodes ?? known?.nodes ?? (simulatedNodes > 0 ? 0 : 1);
  if (nodes > MAXIMUM_NODES) throw new SetupError(`a cluster has at most ${MAXIMUM_NODES} nodes with containers: --simulate gives more, without`);
  if (simulatedNodes > mostSimulatedNodes) throw new SetupError(`a cluster has at most ${mostSimulatedNodes} simulated nodes: ask for fewer`);
  if (options.dataDirectory === "") throw new SetupError("--data-dir is empty: name a directory");
  const asked = options.dataDirectory === undefined ? undefined : path.resolve(options.dataDirectory);
  if (known && asked !== undefined && asked !== known.dataDirectory) {
    throw new SetupError(`cluster ${known.name} keeps its data in ${known.dataDirectory}: leave --data-dir out, or delete the cluster first`);
  }
  const dataDirectory = known?.dataDirectory ?? asked ?? path.join(dataParent, options.name);
  const runtimeConfig = options.runtimeConfig ?? known?.runtimeConfig ?? "";
  return {
    name: options.name, dataDirectory, port: options.port ?? known?.port, nodes, simulatedNodes,
    ...(fleet && { fleet }), ...(runtimeConfig !== "" && { runtimeConfig }),
  };
}

/** Names go into interface names, paths and host names. */
function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new SetupError(`"${name}" cannot name a cluster: use up to 20 lower-case letters, digits and dashes`);
  }
}

/** @throws SetupError where nodes with containers are wanted and cannot be had */
export function refuseContainersWithoutRoot({ nodes }: WantedCluster, platform: NodeJS.Platform, userId: number | undefined): void {
  if (nodes === 0 || (platform === "linux" && userId === 0)) return;
  const why = platform === "linux" ? "root" : "Linux";
  throw new SetupError(`nodes with containers need ${why}: try \`sudo ./knarr up\`, or \`./knarr up --simulate 1\` for nodes without containers`);
}
