import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { connectCri } from "#kubelet/runtime/cri/client.ts";
import type { Clock } from "#machinery/clock.ts";
import { clusterNetwork, nodeNetwork } from "../network-plan.ts";
import type { ClusterNetwork, NodeNetwork } from "../network-plan.ts";
import { removeCgroup, killCgroup } from "./cgroups.ts";
import { cniConfiguration } from "./cni-config.ts";
import type { Run } from "./command.ts";
import { containerdConfiguration } from "./containerd-config.ts";
import { findContainerd, livesInNamespace, shimsOf, spawnContainerd, waitUntilReady } from "./containerd.ts";
import { platformLayout } from "./layout.ts";
import type { PlatformLayout } from "./layout.ts";
import { inspectMachine } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { unmountBelow } from "./mounts.ts";
import { ensureClusterNetwork, ensureNodeNetwork, removeNodeNetwork } from "./network.ts";
import { endProcesses, listProcesses, withDescendants } from "./processes.ts";
import { removeFiles, removeTraces } from "./traces.ts";

/** Which node, and where it lies. Two starts with the same options mean the same node. */
export interface PlatformOptions {
  readonly cluster: string;
  /** Network index of the cluster, see network-plan.ts. */
  readonly clusterIndex: number;
  readonly node: string;
  /** Number of the node in its cluster, from 1. */
  readonly nodeNumber: number;
  /** The node's own directory, made if absent: images, configuration, logs of containerd. */
  readonly directory: string;
  readonly clock: Clock;
  readonly run: Run;
}

/** What a kubelet and a kube-proxy need to know of the ground they stand on. */
export interface Platform {
  readonly layout: PlatformLayout;
  readonly cluster: ClusterNetwork;
  readonly network: NodeNetwork;
  readonly machine: Machine;
  readonly containerdPid: number;
  /** False where a running containerd was taken over: pods may be there. */
  readonly isNew: boolean;
}

/**
 * Brings up what lies under a node: network namespace, cable to the cluster's bridge, pod network, containerd. What is
 * there already is kept, with the pods that run on it; what has changed or fallen over is made good.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { run, clock } = options;
  const { layout, cluster, network } = planOf(options);
  const machine = await inspectMachine(run, layout.directory);
  await makeDirectories(layout);
  await ensureClusterNetwork(run, options.cluster, cluster);
  await ensureNodeNetwork(run, cluster, network, layout);
  const podNetwork = JSON.stringify(cniConfiguration(network, layout, machine), undefined, 2);
  await writeIfChanged(join(layout.cniConfigurations, "10-knarr.conflist"), `${podNetwork}\n`);
  const isReconfigured = await writeIfChanged(layout.containerdConfiguration, containerdConfiguration(layout, machine));

  const running = await findContainerd(layout);
  const isKept = running !== undefined && !isReconfigured && await livesInNamespace(layout, running);
  if (running !== undefined && !isKept) await endProcesses(clock, [running], 5_000);
  const containerdPid = isKept ? running : await spawnContainerd(layout, options.node);
  await waitUntilReady(clock, layout, containerdPid);
  return { layout, cluster, network, machine, containerdPid, isNew: !isKept };
}

/** Ends every pod and everything else that `startPlatform` started, and keeps the node's directory. */
export async function stopPlatform(options: PlatformOptions): Promise<void> {
  const { run, clock } = options;
  const { layout, network } = planOf(options);
  const containerd = await findContainerd(layout);
  if (containerd !== undefined) {
    await stopSandboxes(clock, layout);
    await endProcesses(clock, [containerd], 5_000);
  }
  const processes = await listProcesses();
  await endProcesses(clock, withDescendants(processes, shimsOf(layout, processes)), 0);
  await killCgroup(clock, layout.cgroup);
  await unmountBelow(run, [layout.runDirectory, layout.directory]);
  await removeNodeNetwork(run, network, layout);
  await removeCgroup(clock, layout.cgroup);
  await removeTraces(layout);
}

/** Stops the platform and removes the node's directory. The cluster's bridge stays for the other nodes: see `removeClusterNetwork`. */
export async function deletePlatform(options: PlatformOptions): Promise<void> {
  await stopPlatform(options);
  await removeFiles(options.directory);
}

function planOf(options: PlatformOptions): { layout: PlatformLayout; cluster: ClusterNetwork; network: NodeNetwork } {
  const cluster = clusterNetwork(options.clusterIndex);
  const layout = platformLayout(options.cluster, options.node, options.directory);
  return { layout, cluster, network: nodeNetwork(cluster, options.nodeNumber) };
}

async function makeDirectories(layout: PlatformLayout): Promise<void> {
  const { containerdRoot, cniConfigurations, cniState, registryHosts, containerdState, runcRoot } = layout;
  const directories = [containerdRoot, cniConfigurations, cniState, registryHosts, containerdState, runcRoot];
  await Promise.all(directories.map((directory) => mkdir(directory, { recursive: true, mode: 0o700 })));
}

/** Whether there was another text before: a file that is new has changed nothing. */
async function writeIfChanged(path: string, text: string): Promise<boolean> {
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before !== text) await writeFile(path, text);
  return before !== undefined && before !== text;
}

/** The runtime's own way to end pods, which gives back addresses and ports. What it cannot end is killed afterwards. */
async function stopSandboxes(clock: Clock, layout: PlatformLayout): Promise<void> {
  const client = connectCri(layout.containerdSocket, clock);
  try {
    const { items } = await client.listPodSandbox({ filter: { state: { state: "SANDBOX_READY" } } }, { timeoutSeconds: 5 });
    const waiting = items.map(({ id }) => id);
    const worker = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        await client.stopPodSandbox({ podSandboxId: id }, { timeoutSeconds: 30 }).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  } catch {
    // A containerd that does not answer is ended like its pods: by signal.
  } finally {
    client.close();
  }
}
