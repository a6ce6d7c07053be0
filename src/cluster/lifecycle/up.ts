import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { prepareCertificates } from "../certificates/prepare-certificates.ts";
import type { ClusterRecord } from "../clusters.ts";
import { addToKubeconfig, kubeconfigOf } from "../kubeconfig.ts";
import { makeBuiltInImages } from "../images/built-in-images.ts";
import { clusterNetwork } from "../network-plan.ts";
import { run } from "../nodes/command.ts";
import { ensureClusterNetwork } from "../nodes/network.ts";
import { clusterPaths, contextOf, knarrHome, kubeconfigFile } from "../paths.ts";
import { isRunning, outputOf, type Service, startService } from "../processes.ts";
import { thisMachine } from "../setup/outside.ts";
import { prepareMachine } from "../setup/prepare-machine.ts";
import { SetupError } from "../setup/setup-error.ts";
import { adminAccess } from "./admin-access.ts";
import { clustersOfThisMachine } from "./find-cluster.ts";
import { settle } from "./ground.ts";
import type { Progress } from "./progress.ts";
import { waitForApi, waitForNodes } from "./readiness.ts";
import { controlPlaneService, nodeServices } from "./services.ts";

export interface UpOptions {
  readonly name: string;
  /** Nodes with containers. Absent: as before; of a new cluster 1, or none beside simulated ones. */
  readonly nodes?: number;
  readonly simulatedNodes?: number;
  /** Port of the API on loopback. Absent: as before; of a new cluster the first free one from 6443 on. */
  readonly port?: number;
  readonly dataDirectory?: string;
}

const firstPort = 6443;
const portsTried = 200;

/** Brings a cluster up and waits until it can be used. What runs already is left alone. @throws SetupError with the way out */
export async function up(options: UpOptions, progress: Progress): Promise<ClusterRecord> {
  const known = clustersOfThisMachine().get(options.name);
  const wanted = await wantedCluster(options, known);
  const controlPlane = controlPlaneService(wanted);
  if (!isRunning(controlPlane)) await refuseTakenPort(wanted);
  else if (known && known.port !== wanted.port) {
    throw new SetupError(`cluster ${known.name} runs on port ${known.port}: \`knarr down --name ${known.name}\` first, then give it another`);
  }
  prepareDirectory(wanted.dataDirectory);
  const record = settle(wanted, known);
  clustersOfThisMachine().put(record);
  if (record.nodes > 0) await prepareGround(record, progress);
  await prepareCertificates(record);
  const access = await adminAccess(record);
  writeFileSync(clusterPaths(record.dataDirectory).kubeconfig, kubeconfigOf(access), { mode: 0o600 });
  const upSince = Date.now();
  const nodes = nodeServices(record);
  // Nodes make their ground while the control plane starts; what they want of it they ask for until it answers.
  const started = (await Promise.all([controlPlane, ...nodes].map((service) => startService(service)))).some(Boolean);
  await progress.step("Control plane", () => whileRunning([controlPlane], waitForApi(access)));
  addToKubeconfig(kubeconfigFile(), access);
  const count = record.nodes + record.simulatedNodes;
  if (count > 0) {
    await progress.step("Nodes", (report) => whileRunning(nodes, waitForNodes(access, count, started ? upSince : 0, report)));
  }
  return record;
}

/** What nodes with containers stand on. The network is made here, once, before several processes see to it that it is there. */
async function prepareGround(record: ClusterRecord, progress: Progress): Promise<void> {
  const outside = thisMachine();
  await progress.step("This machine can run containers", (report) => prepareMachine(outside, record.dataDirectory, report));
  await Promise.all([
    progress.step("Images that need no registry", (report) => makeBuiltInImages(outside, clusterPaths(record.dataDirectory).images, report)),
    ensureClusterNetwork(run, record.name, clusterNetwork(record.index)),
  ]);
}

/** What is asked for now, and for the rest what was before. */
async function wantedCluster(options: UpOptions, known: ClusterRecord | undefined): Promise<Omit<ClusterRecord, "index">> {
  checkName(options.name);
  const simulatedNodes = options.simulatedNodes ?? known?.simulatedNodes ?? 0;
  const nodes = options.nodes ?? known?.nodes ?? (simulatedNodes > 0 ? 0 : 1);
  if (nodes > 0 && (process.platform !== "linux" || process.geteuid?.() !== 0)) {
    const why = process.platform === "linux" ? "root" : "Linux";
    throw new SetupError(`nodes with containers need ${why}: try \`sudo ./knarr up\`, or \`./knarr up --simulate 1\` for nodes without containers`);
  }
  if (known) {
    if (options.dataDirectory !== undefined && path.resolve(options.dataDirectory) !== known.dataDirectory) {
      throw new SetupError(`cluster ${known.name} keeps its data in ${known.dataDirectory}: leave --data-dir out, or delete the cluster first`);
    }
    return { ...known, nodes, simulatedNodes, port: options.port ?? known.port };
  }
  const dataDirectory = path.resolve(options.dataDirectory ?? path.join(knarrHome(), "data", options.name));
  return { name: options.name, dataDirectory, port: options.port ?? (await freePort()), nodes, simulatedNodes };
}

/** Names go into interface names, paths and host names. */
function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new SetupError(`"${name}" cannot name a cluster: use up to 20 lower-case letters, digits and dashes`);
  }
}

function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    throw new SetupError(`the data directory ${directory} cannot be used (${code}): give another with --data-dir, or change its owner`, { cause });
  }
}

async function refuseTakenPort({ port }: Pick<ClusterRecord, "port">): Promise<void> {
  if (!(await isFree(port))) throw new SetupError(`port ${port} is taken by another program: choose another with --port`);
}

async function freePort(): Promise<number> {
  const reserved = new Set(clustersOfThisMachine().list().map(({ port }) => port));
  for (let port = firstPort; port < firstPort + portsTried; port++) {
    if (!reserved.has(port) && (await isFree(port))) return port;
  }
  throw new SetupError(`ports ${firstPort} to ${firstPort + portsTried - 1} are all taken: choose one with --port`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** Waits for `ready`; fails with what a service said if one gives up meanwhile. */
async function whileRunning(services: readonly Service[], ready: Promise<void>): Promise<void> {
  let waiting = true;
  const gaveUp = async (): Promise<void> => {
    while (waiting) {
      const ended = services.find((service) => !isRunning(service));
      if (ended) throw new SetupError(lastWords(ended));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    await Promise.race([ready, gaveUp()]);
  } finally {
    waiting = false;
  }
}

function lastWords(service: Service): string {
  const said = outputOf(service).trim().split("\n").at(-1);
  return said || `${service.name} ended at once: see ${path.join(service.directory, `${service.name}.out`)}`;
}

/** For `--help` and the closing words of `up`: commands that reach this cluster. */
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

