import { existsSync, rmSync } from "node:fs";
import type { ClusterRecord } from "../clusters.ts";
import { removeFromKubeconfig } from "../kubeconfig.ts";
import { run } from "../nodes/command.ts";
import { removeClusterNetwork } from "../nodes/network.ts";
import { deletePlatform, stopPlatform } from "../nodes/platform.ts";
import { removeFiles } from "../nodes/traces.ts";
import { clusterNetwork } from "../network-plan.ts";
import { clusterPaths, contextOf, kubeconfigFile, nodeNames } from "../paths.ts";
import { stopService } from "../processes.ts";
import { serviceTable } from "../service-table.ts";
import { clustersOfThisMachine } from "./find-cluster.ts";
import { unsettle } from "./ground.ts";
import { platformOptions } from "./node-options.ts";
import type { Progress } from "./progress.ts";
import { controlPlaneService, nodeServices } from "./services.ts";

const patienceMilliseconds = 15_000;

/** Ends every process of the cluster, containers included; what it knows stays on disk. */
export async function down(record: ClusterRecord, progress: Progress): Promise<void> {
  await endProcesses(record, progress);
  await forEachNode(record, (node) => stopPlatform(platformOptions(record, node)));
  await removeHostNetwork(record);
}

/** Removes the cluster and all that it had on this machine. */
export async function deleteCluster(record: ClusterRecord, progress: Progress): Promise<void> {
  await endProcesses(record, progress);
  await progress.step("Nodes and data removed", async () => {
    await forEachNode(record, (node) => deletePlatform(platformOptions(record, node)));
    await removeHostNetwork(record);
    const { processes, store, certificates, images, kubeconfig } = clusterPaths(record.dataDirectory);
    for (const ours of [processes, store, certificates, images, kubeconfig]) rmSync(ours, { recursive: true, force: true });
    await removeFiles(record.dataDirectory);
  });
  unsettle(record);
  removeFromKubeconfig(kubeconfigFile(), contextOf(record.name));
  clustersOfThisMachine().remove(record.name);
}

async function endProcesses(record: ClusterRecord, progress: Progress): Promise<void> {
  await progress.step(`Cluster ${record.name} stopped`, async () => {
    await Promise.all(nodeServices(record).map((service) => stopService(service, patienceMilliseconds)));
    await stopService(controlPlaneService(record), patienceMilliseconds);
  });
}

/** Also of nodes that an earlier `up --nodes` had and a later one has not. */
async function forEachNode(record: ClusterRecord, act: (node: string) => Promise<void>): Promise<void> {
  const nodes = nodeNames(record.nodes).filter((node) => existsSync(clusterPaths(record.dataDirectory).node(node)));
  await Promise.all(nodes.map(act));
}

async function removeHostNetwork(record: ClusterRecord): Promise<void> {
  if (record.nodes === 0) return;
  const network = clusterNetwork(record.index);
  await removeClusterNetwork(run, network);
  await run("nft", ["delete", "table", "ip", serviceTable(network)]).catch(() => undefined);
}
