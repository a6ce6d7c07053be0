import { mkdir, readFile, statfs } from "node:fs/promises";

import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { RuntimeClass } from "#api/node/runtime-class.ts";
import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { Random } from "#machinery/random.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { CgroupFiles } from "./cgroups/cgroup-files.ts";
import { PodCgroups } from "./cgroups/pod-cgroups.ts";
import type { Run } from "./command.ts";
import { Kubelet } from "./kubelet.ts";
import { Mounter } from "./mounts/mounter.ts";
import { type ClusterDns, parseResolvConf } from "./network/dns-config.ts";
import { allocatable, hostIPs, type NodeDescription } from "./node/node-description.ts";
import type { NodeDirectories } from "./pod-directories.ts";
import { PodVolumes } from "./pod-volumes.ts";
import { HookRunner } from "./probes/hooks.ts";
import { podProbes } from "./probes/pod-probes.ts";
import { prober } from "./probes/prober.ts";
import { pullCredentials } from "./pull-credentials.ts";
import { ReferencedObjects } from "./referenced-objects.ts";
import { connectCri, type CriClient } from "./runtime/cri/client.ts";
import { ContainerdEvents } from "./runtime/cri/containerd-events.ts";
import { CriRuntime } from "./runtime/cri/cri-runtime.ts";
import { CriAccess } from "./server/cri-access.ts";
import { LogRotation } from "./server/logs/log-rotation.ts";
import { ServiceAccountTokens } from "./service-account-tokens.ts";
import type { VolumeObjects } from "./volume.ts";
import { volumeTypes } from "./volumes.ts";

export interface ContainerNodeOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly node: NodeDescription;
  readonly run: Run;
  /** The container runtime's, such as `/run/containerd/containerd.sock`. */
  readonly runtimeSocket: string;
  /** `memory` is made a file system in memory where it is not in one. */
  readonly directories: NodeDirectories;
  /** Control group of all the node's pods, below each hierarchy's root, such as `/kubepods`. */
  readonly cgroupRoot: string;
  /** Where control groups are mounted. Default /sys/fs/cgroup. */
  readonly cgroupMount?: string;
  /** Processes that a pod may have; absent: no limit of its own. */
  readonly podPidLimit?: number;
  readonly clusterDns: ClusterDns;
  /** The node's own resolver configuration. Default /etc/resolv.conf. */
  readonly resolvConf?: string;
  /** The node's own /etc/hosts. */
  readonly hostsPath?: string;
  /** Directory of seccomp profiles that pods may name. Default /var/lib/kubelet/seccomp. */
  readonly seccompRoot?: string;
  /** Where the node's own pods are described, one a file. */
  readonly staticPodDirectory?: string;
  readonly failed: (what: string, error: Error) => void;
}

/** What makes up a node that runs containers. */
export interface ContainerNode {
  readonly kubelet: Kubelet;
  readonly runtime: CriRuntime;
  /** How the kubelet's server reaches into containers. */
  readonly access: CriAccess;
  /** To be started and stopped with the kubelet. */
  readonly rotation: LogRotation;
}

/** A node that runs containers. Its processes, mounts and control groups are left alone when the kubelet stops. */
export async function containerNode(options: ContainerNodeOptions): Promise<ContainerNode> {
  const { client, clock, random, node, failed, run, directories } = options;
  const mounter = new Mounter(run);
  await ensureDirectories(directories, mounter);
  const events = new EventRecorder({ client, clock, component: "kubelet", host: node.name, failed: (error) => failed("write an event", error) });
  const tokens = new ServiceAccountTokens(client, clock);
  const objects = new ReferencedObjects({
    client, clock, failed: (error) => failed("watch what pods use", error), changed: (uids) => uids.forEach((uid) => volumes.refresh(uid)),
  });
  const volumes = new PodVolumes({
    types: volumeTypes, mounter, directories, clock, random, hostIPs: hostIPs(node), allocatable: allocatable(node),
    objects: volumeObjects(client, objects, tokens),
    failed: (pod, message) => events.event(pod, "Warning", "FailedMount", message),
  });
  const cri = connectCri(options.runtimeSocket, clock);
  const runtime = criRuntime(options, cri, { mounter, volumes, objects, tokens });
  const kubelet = new Kubelet({
    client, clock, random, node, runtime, events, failed,
    actions: new HookRunner({ runtime, clock }),
    probes: podProbes({ clock, random, events, prober: prober({ runtime, clock }), hostIPs: hostIPs(node) }),
    credentialsFor: (pod, image) => pullCredentials(objects, pod, image),
    ...(options.staticPodDirectory === undefined ? {} : { staticPodDirectory: options.staticPodDirectory }),
  });
  const access = new CriAccess({ client: cri, clock, directories });
  const rotation = new LogRotation({
    clock, pods: kubelet, failed,
    logPath: (pod, container) => access.logPath(pod, container),
    reopen: async (containerId) => void await cri.reopenContainerLog({ containerId }),
  });
  return { kubelet, runtime, access, rotation };
}

interface Parts {
  readonly mounter: Mounter;
  readonly volumes: PodVolumes;
  readonly objects: ReferencedObjects;
  readonly tokens: ServiceAccountTokens;
}

function criRuntime(options: ContainerNodeOptions, cri: CriClient, parts: Parts): CriRuntime {
  const { client, clock, node, runtimeSocket, directories, clusterDns, cgroupRoot, podPidLimit } = options;
  const { resolvConf = "/etc/resolv.conf", cgroupMount = "/sys/fs/cgroup" } = options;
  return new CriRuntime({
    ...parts, clock, directories, clusterDns,
    client: cri,
    events: (listener) => {
      const stream = new ContainerdEvents(runtimeSocket, clock, listener);
      return () => stream.close();
    },
    cgroups: new PodCgroups(new CgroupFiles(clock, cgroupMount), cgroupRoot, podPidLimit),
    nodeDns: async () => parseResolvConf(await readFile(resolvConf, "utf8").catch(() => "")),
    hostIPs: hostIPs(node), capacity: node.capacity, allocatable: allocatable(node),
    hostsPath: options.hostsPath ?? "/etc/hosts",
    seccompRoot: options.seccompRoot ?? "/var/lib/kubelet/seccomp",
    runtimeHandler: async (name) => (await client.of(RuntimeClass).get("", name)).handler,
  });
}

function volumeObjects(client: Client, objects: ReferencedObjects, tokens: ServiceAccountTokens): VolumeObjects {
  return {
    configMap: (namespace, name) => objects.configMap(namespace, name),
    secret: (namespace, name) => objects.secret(namespace, name),
    services: (namespace) => objects.services(namespace),
    persistentVolumeClaim: (namespace, name) => find(client, PersistentVolumeClaim, namespace, name),
    persistentVolume: (name) => find(client, PersistentVolume, "", name),
    token: (pod, audience, seconds) => tokens.token(pod, audience, seconds),
  };
}

async function find<T extends KubeObject>(client: Client, kind: KindReference<T>, namespace: string, name: string): Promise<T | undefined> {
  return client.of(kind).get(namespace, name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** As statfs(2) names a file system in memory. */
const tmpfsMagic = 0x0102_1994;

async function ensureDirectories({ root, memory, logs }: NodeDirectories, mounter: Mounter): Promise<void> {
  for (const directory of [root, memory, logs]) await mkdir(directory, { recursive: true });
  const { type } = await statfs(memory);
  if (type !== tmpfsMagic) await mounter.mountMemory(memory, { bytes: undefined, mode: 0o755 });
}
