import path from "node:path";
import { type ClusterRecord, Clusters } from "../clusters.ts";
import { knarrHome } from "../paths.ts";
import { isRunning } from "../processes.ts";
import { SetupError } from "../setup/setup-error.ts";
import { controlPlaneService } from "./services.ts";

export function clustersOfThisMachine(): Clusters {
  return new Clusters(path.join(knarrHome(), "clusters"));
}

/** @throws SetupError that says which clusters there are. */
export function findCluster(name: string): ClusterRecord {
  const clusters = clustersOfThisMachine();
  const record = clusters.get(name);
  if (record) return record;
  const others = clusters.list().map((other) => other.name);
  const hint = others.length === 0 ? "make one with `knarr up`" : `there are: ${others.join(", ")} (choose with --name)`;
  throw new SetupError(`there is no cluster ${name}: ${hint}`);
}

/** @throws SetupError also where the cluster does not run */
export function findRunningCluster(name: string): ClusterRecord {
  const record = findCluster(name);
  if (isRunning(controlPlaneService(record))) return record;
  throw new SetupError(`cluster ${name} does not run: start it with \`knarr up${name === "knarr" ? "" : ` --name ${name}`}\``);
}
