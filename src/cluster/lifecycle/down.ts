import { existsSync } from "node:fs";
import type { ClusterRecord } from "../clusters.ts";
import { removeFromKubeconfig } from "../kubeconfig.ts";
import { run } from "../nodes/command.ts";
import { removeClusterNetwork } from "../nodes/network.ts";
import { deletePlatform, stopPlatform } from "../nodes/platform.ts";
import { clusterNetwork } from "../network-plan.ts";
import { clusterPaths, contextOf, kubeconfigFile } from "../paths.ts";
import { stopService } from "../processes.ts";
import { serviceTable } from "../service-table.ts";
import { clearDirectory } from "./data-directory.ts";
import { clustersOfThisMachine, findCluster } from "./find-cluster.ts";
import { hasNetwork, unsettle } from "./ground.ts";
import { whileLocked } from "./lock.ts";
import { platformOptions } from "./node-options.ts";
import type { Progress } from "./progress.ts";
import { controlPlaneService, nodesEver, nodeService } from "./services.ts";

const patienceMilliseconds = 15_000;

/** Ends every process of the cluster, containers included; what it knows stays on disk. */
export function down(name: string, progress: Progress): Promise<void> {
  return whileSettled(name, progress, async (record) => {
    await endProcesses(record, progress);
    await forEachNode(record, (node) => stopPlatform(platformOptions(record, node)));
    await removeHostNetwork(record);
  });
}

/** Removes the cluster and all that it had on this machine. */
export function deleteCluster(name: string, progress: Progress): Promise<void> {
  return whileSettled(name, progress, async (record) => {
    await endProcesses(record, progress);
    await progress.step("Nodes and data removed", async () => {
      await forEachNode(record, (node) => deletePlatform(platformOptions(record, node)));
      await removeHostNetwork(record);
      await clearDirectory(record.dataDirectory);
    });
    unsettle(record);
    clustersOfThisMachine().remove(record.name);
    removeFromKubeconfig(kubeconfigFile(), contextOf(record.name));
  });
}

/** Works on the cluster when no other command does. @throws SetupError where there is none, or none any more */
function whileSettled(name: string, progress: Progress, work: (record: ClusterRecord) => Promise<void>): Promise<void> {
  findCluster(name);
  return whileLocked(clustersOfThisMachine().lock(name), progress, () => work(findCluster(name)));
}

async function endProcesses(record: ClusterRecord, progress: Progress): Promise<void> {
  await progress.step(`Cluster ${record.name} stopped`, async () => {
    await Promise.all(nodesEver(record).map((node) => stopService(nodeService(record, node), patienceMilliseconds)));
    await stopService(controlPlaneService(record), patienceMilliseconds);
  });
}

async function forEachNode(record: ClusterRecord, act: (node: string) => Promise<void>): Promise<void> {
  const nodes = nodesEver(record).filter((node) => existsSync(clusterPaths(record.dataDirectory).node(node)));
  await Promise.all(nodes.map(act));
}

/** Takes away what a cluster's nodes need in the host's network namespace. */
export async function removeHostNetwork(record: ClusterRecord): Promise<void> {
  if (!hasNetwork(record)) return;
  const network = clusterNetwork(record.index);
  await removeClusterNetwork(run, network);
  await run("nft", ["delete", "table", "ip", serviceTable(network)]).catch(() => undefined);
}
