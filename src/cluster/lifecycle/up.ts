import { writeFileSync } from "node:fs";
import path from "node:path";
import { makeBuiltInImages } from "../images/built-in-images.ts";
import { prepareCertificates } from "../certificates/prepare-certificates.ts";
import type { ClusterRecord } from "../clusters.ts";
import { type Access, addToKubeconfig, checkKubeconfig, kubeconfigOf } from "../kubeconfig.ts";
import { clusterNetwork } from "../network-plan.ts";
import { run } from "../nodes/command.ts";
import { ensureClusterNetwork } from "../nodes/network.ts";
import { clusterPaths, contextOf, knarrHome, kubeconfigFile, simulatedNodeNames } from "../paths.ts";
import { isRunning, startService, stopService } from "../processes.ts";
import { thisMachine } from "../setup/outside.ts";
import { prepareMachine } from "../setup/prepare-machine.ts";
import { SetupError } from "../setup/setup-error.ts";
import { adminAccess } from "./admin-access.ts";
import { freePort, refuseTakenPort } from "./api-port.ts";
import { restarts } from "./changes.ts";
import { claimDirectory, clearDirectory } from "./data-directory.ts";
import { removeHostNetwork } from "./down.ts";
import { clustersOfThisMachine } from "./find-cluster.ts";
import { settle } from "./ground.ts";
import { whileLocked } from "./lock.ts";
import type { Progress } from "./progress.ts";
import { adminClient, waitForApi, waitForNodes } from "./readiness.ts";
import { forgetSurplusNodes, removeSurplusNodes } from "./remove-nodes.ts";
import { adoptSchedulerConfiguration } from "./scheduler-configuration.ts";
import { controlPlaneService, nodeServices } from "./services.ts";
import { refuseContainersWithoutRoot, type UpOptions, wantedCluster, type WantedCluster } from "./wanted-cluster.ts";
import { whileRunning } from "./while-running.ts";

const patienceMilliseconds = 15_000;

/**
 * Brings a cluster up, as it was or as it is wanted now, and waits until it can be used. What runs already and need not change is left alone.
 * @throws SetupError with the way out
 */
export function up(options: UpOptions, progress: Progress): Promise<ClusterRecord> {
  const clusters = clustersOfThisMachine();
  wantedCluster(options, undefined, "");
  clusters.prepare();
  return whileLocked(clusters.lock(options.name), progress, async () => {
    const known = clusters.get(options.name);
    const wanted = wantedCluster(options, known, path.join(knarrHome(), "data"));
    refuseContainersWithoutRoot(wanted, process.platform, process.geteuid?.());
    checkKubeconfig(kubeconfigFile());
    claimDirectory(wanted.dataDirectory, clusters.file(wanted.name), known !== undefined);
    let hasNewConfiguration = false;
    try {
      hasNewConfiguration = await adoptSchedulerConfiguration(options.schedulerConfiguration, wanted.dataDirectory);
      await prepare(wanted, progress);
    } catch (error) {
      if (!known) await clearDirectory(wanted.dataDirectory);
      throw error;
    }
    const record = settle({ ...wanted, port: await choosePort(wanted, known) }, known);
    clusters.put(record);
    await adapt(known, record, progress);
    if (hasNewConfiguration) await stopService(controlPlaneService(record), patienceMilliseconds);
    await start(record, progress);
    return record;
  });
}

/** What comes before there is anything of the cluster. */
async function prepare({ nodes, dataDirectory }: WantedCluster, progress: Progress): Promise<void> {
  if (nodes === 0) return;
  const outside = thisMachine();
  await progress.step("This machine can run containers", (report) => prepareMachine(outside, dataDirectory, report));
  await progress.step("Images that need no registry", (report) => makeBuiltInImages(outside, clusterPaths(dataDirectory).images, report));
}

async function choosePort({ name, dataDirectory, port }: WantedCluster, known: ClusterRecord | undefined): Promise<number> {
  const others = clustersOfThisMachine().list().filter((other) => other.name !== name);
  if (port === undefined) return freePort(others);
  if (!isRunning(controlPlaneService({ name, dataDirectory }))) await refuseTakenPort(port, others);
  else if (known && known.port !== port) {
    throw new SetupError(`cluster ${name} runs on port ${known.port}: \`knarr down --name ${name}\` first, then give it another`);
  }
  return port;
}

/** Ends what runs and would not be right any more. */
async function adapt(known: ClusterRecord | undefined, record: ClusterRecord, progress: Progress): Promise<void> {
  if (!known) return;
  const change = restarts(known, record);
  if (change.nodes) await Promise.all(nodeServices(record).map((service) => stopService(service, patienceMilliseconds)));
  if (change.controlPlane) await stopService(controlPlaneService(record), patienceMilliseconds);
  if (known.nodes > record.nodes) await progress.step("Surplus nodes removed", () => removeSurplusNodes(record));
  if (known.nodes > 0 && record.nodes === 0) await removeHostNetwork(record);
}

async function start(record: ClusterRecord, progress: Progress): Promise<void> {
  // Made here, once, before several processes see to it that it is there.
  if (record.nodes > 0) await ensureClusterNetwork(run, record.name, clusterNetwork(record.index));
  await prepareCertificates(record);
  const access = await adminAccess(record);
  writeFileSync(clusterPaths(record.dataDirectory).kubeconfig, kubeconfigOf(access), { mode: 0o600 });
  const upSince = Date.now();
  const controlPlane = controlPlaneService(record);
  const nodes = nodeServices(record);
  // Nodes make their ground while the control plane starts; what they want of it they ask for until it answers.
  const [isNewPlane = false, ...areNew] = await Promise.all([controlPlane, ...nodes].map((service) => startService(service)));
  await progress.step("Control plane", () => whileRunning([controlPlane], waitForApi(access)));
  addToKubeconfig(kubeconfigFile(), access);
  await forgetSurplus(access, record);
  const sinceOf = (isNew: boolean): number => (isNew ? upSince : 0);
  const expected = new Map([
    ...nodes.map(({ name }, index) => [name, sinceOf(areNew[index] ?? false)] as const),
    ...simulatedNodeNames(record.simulatedNodes).map((name) => [name, sinceOf(isNewPlane)] as const),
  ]);
  if (expected.size > 0) await progress.step("Nodes", (report) => whileRunning(nodes, waitForNodes(access, expected, report)));
}

async function forgetSurplus(access: Access, record: ClusterRecord): Promise<void> {
  const client = adminClient(access);
  try {
    await forgetSurplusNodes(client, record);
  } finally {
    await client.transport.close();
  }
}

/** The closing words of `up`: commands that reach this cluster. */
export function whatToTry(record: ClusterRecord): readonly string[] {
  const flag = record.name === "knarr" ? "" : ` --name ${record.name}`;
  return [
    `The cluster ${record.name} is up: https://127.0.0.1:${record.port}, kubectl context ${contextOf(record.name)}.`,
    "",
    "  Try:",
    `    ./knarr kubectl${flag} get nodes`,
    ...(record.nodes > 0 ? [`    ./knarr kubectl${flag} apply -f examples/hello.yaml`] : []),
    `    ./knarr status${flag}    ./knarr logs${flag}    ./knarr down${flag}`,
  ];
}
