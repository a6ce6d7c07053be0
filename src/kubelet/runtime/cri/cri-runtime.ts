import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Pod } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import type { ResourceList } from "#machinery/resource-list.ts";
import { value } from "#machinery/quantity.ts";
import type { PodCgroups } from "../../cgroups/pod-cgroups.ts";
import { givenResources } from "../../containers.ts";
import { containerEnvironment } from "../../environment/container-environment.ts";
import { hasCode } from "../../grpc/rpc-error.ts";
import { resizedResources } from "../../linux/container-resources.ts";
import { unsupportedSecurity, verifyUser } from "../../linux/security.ts";
import type { Mounter } from "../../mounts/mounter.ts";
import { type ClusterDns, type DnsConfig, podDns } from "../../network/dns-config.ts";
import { kernelHostname } from "../../network/pod-hostname.ts";
import { type NodeDirectories, PodDirectories } from "../../pod-directories.ts";
import type { PodVolumes } from "../../pod-volumes.ts";
import type { ReferencedObjects } from "../../referenced-objects.ts";
import type { ServiceAccountTokens } from "../../service-account-tokens.ts";
import type { ObservedPod } from "../observed.ts";
import {
  type ContainerRequest, type ContainerResize, type ExecResult, identityOf, type Images, type PodIdentity, PreparationError, type Runtime,
  type RuntimeListener, type RuntimeVersion, StartError,
} from "../runtime.ts";
import type { CriClient } from "./client.ts";
import { containerConfig } from "./container-config.ts";
import { containerMounts } from "./container-mounts.ts";
import type { ContainerdEvent } from "./containerd-events.ts";
import { CriImages } from "./cri-images.ts";
import type { Sent } from "./definitions.ts";
import { podUidLabel } from "./labels.ts";
import { Observations } from "./observations.ts";
import { sandboxConfig } from "./sandbox-config.ts";

export interface CriRuntimeOptions {
  readonly client: CriClient;
  /** Opens the runtime's own event stream; returns how to close it. */
  readonly events: (listener: (event: ContainerdEvent) => void) => () => void;
  readonly clock: Clock;
  readonly volumes: PodVolumes;
  readonly cgroups: PodCgroups;
  readonly objects: ReferencedObjects;
  readonly tokens: ServiceAccountTokens;
  readonly mounter: Mounter;
  readonly directories: NodeDirectories;
  readonly clusterDns: ClusterDns;
  /** Reads the node's own resolver configuration. */
  readonly nodeDns: () => Promise<DnsConfig>;
  readonly hostIPs: readonly string[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  /** The node's own /etc/hosts. */
  readonly hostsPath: string;
  /** Directory of seccomp profiles that pods may name. */
  readonly seccompRoot: string;
  /** The runtime's name for a RuntimeClass. @throws Error when there is no such class */
  readonly runtimeHandler: (runtimeClassName: string) => Promise<string>;
}

/** Runs pods in real containers, by way of the container runtime interface. */
export class CriRuntime implements Runtime {
  readonly images: Images;
  readonly #options: CriRuntimeOptions;
  readonly #observations: Observations;
  #listener: RuntimeListener | undefined;
  #closeEvents: (() => void) | undefined;
  #sandboxConfigs = new Map<string, Sent<"PodSandboxConfig">>();

  constructor(options: CriRuntimeOptions) {
    this.#options = options;
    this.images = new CriImages(options.client);
    this.#observations = new Observations(options.client, options.clock, options.directories, (uid) => this.#listener?.changed(uid));
  }

  async start(listener: RuntimeListener): Promise<void> {
    this.#listener = listener;
    await this.#observations.listPods();
    this.#closeEvents = this.#options.events((event) => this.#heard(event));
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    this.#closeEvents?.();
    this.#options.volumes.stop();
    this.#options.objects.stop();
    this.#options.client.close();
    return Promise.resolve();
  }

  async version(): Promise<RuntimeVersion> {
    const { runtimeName, runtimeVersion } = await this.#options.client.version({});
    return { name: runtimeName, version: runtimeVersion };
  }

  async trouble(): Promise<string | undefined> {
    const { status } = await this.#options.client.status({});
    const needed = ["RuntimeReady", "NetworkReady"];
    const broken = (status?.conditions ?? []).find((condition) => !condition.status && needed.includes(condition.type));
    if (broken === undefined) return undefined;
    const what = broken.type === "NetworkReady" ? "container runtime network not ready" : "container runtime not ready";
    return `${what}: ${broken.type}=false reason:${broken.reason} message:${broken.message}`;
  }

  async listPods(): Promise<readonly PodIdentity[]> {
    const running = await this.#observations.listPods();
    const uids = await readdir(join(this.#options.directories.root, "pods")).catch(() => []);
    const left = uids.filter((uid) => !running.some((pod) => pod.uid === uid)).map((uid) => ({ uid, namespace: "", name: "" }));
    return [...running, ...left];
  }

  observe(pod: PodIdentity): Promise<ObservedPod> {
    return this.#observations.observe(pod);
  }

  async prepare(pod: Pod): Promise<void> {
    const { objects, cgroups, volumes, directories } = this.#options;
    const unsupported = unsupportedSecurity(pod);
    if (unsupported !== undefined) throw new PreparationError("FailedCreatePodSandBox", unsupported);
    const places = new PodDirectories(directories, identityOf(pod));
    objects.use(pod);
    await Promise.all([mkdir(places.root, { recursive: true }), mkdir(places.logs, { recursive: true }), this.#ensureCgroup(cgroups, pod)]);
    await volumes.setUp(pod);
  }

  async release(pod: PodIdentity): Promise<void> {
    const { objects, cgroups, volumes, tokens, mounter, directories } = this.#options;
    const places = new PodDirectories(directories, pod);
    objects.release(pod.uid);
    tokens.release(pod.uid);
    await volumes.release(pod.uid);
    // Nothing is removed before everything is unmounted: a removal must never reach into a mount.
    await mounter.unmountBelow(places.root);
    await mounter.unmountBelow(places.memory);
    await rm(places.memory, { recursive: true, force: true });
    for (const part of ["volumes", "volume-subpaths", "etc-hosts"]) await rm(join(places.root, part), { recursive: true, force: true });
    await cgroups.remove(pod);
  }

  async forget(pod: PodIdentity): Promise<void> {
    const { client, directories } = this.#options;
    const { items } = await client.listPodSandbox({ filter: { labelSelector: { [podUidLabel]: pod.uid } } });
    for (const { id } of items) await this.removeSandbox(id);
    await this.#observations.observe(pod);
    const places = new PodDirectories(directories, pod);
    await rm(places.root, { recursive: true, force: true });
    const logs = await readdir(directories.logs).catch(() => []);
    for (const name of logs) if (name.endsWith(`_${pod.uid}`)) await rm(join(directories.logs, name), { recursive: true, force: true });
  }

  async createSandbox(pod: Pod, attempt: number): Promise<void> {
    const { client, runtimeHandler } = this.#options;
    const config = await this.#sandboxConfig(pod, attempt);
    const handler = pod.spec.runtimeClassName === undefined ? "" : await runtimeHandler(pod.spec.runtimeClassName);
    const { podSandboxId } = await client.runPodSandbox({ config, runtimeHandler: handler });
    this.#observations.own(podSandboxId, pod.metadata.uid);
    this.#sandboxConfigs.set(podSandboxId, config);
  }

  async stopSandbox(id: string): Promise<void> {
    await ignoreMissing(this.#options.client.stopPodSandbox({ podSandboxId: id }));
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    await ignoreMissing(this.#options.client.removePodSandbox({ podSandboxId: id }));
    this.#sandboxConfigs.delete(id);
  }

  async createContainer(request: ContainerRequest): Promise<string> {
    const { pod, container, attempt, sandbox, image } = request;
    const { client, clusterDns, capacity, seccompRoot, directories } = this.#options;
    verifyUser(pod, container, image);
    const podIPs = sandbox.ips.length > 0 ? sandbox.ips : this.#options.hostIPs;
    const environment = await this.#environment(request, podIPs);
    const mounts = await containerMounts(request, { ...this.#options, clusterDomain: clusterDns.domain, podIPs, environment });
    await mkdir(new PodDirectories(directories, identityOf(pod)).containerLogs(container.name), { recursive: true });
    const config = containerConfig(request, {
      environment, mounts, seccompRoot, logPath: `${container.name}/${attempt}.log`, nodeMemoryBytes: value(capacity["memory"] ?? "1"),
      ...await this.#target(request),
    });
    const known = this.#sandboxConfigs.get(sandbox.id) ?? await this.#sandboxConfig(pod, sandbox.attempt);
    try {
      const { containerId } = await client.createContainer({ podSandboxId: sandbox.id, config, sandboxConfig: known });
      this.#observations.own(containerId, pod.metadata.uid);
      return containerId;
    } catch (error) {
      throw new StartError("CreateContainerError", (error as Error).message, { cause: error });
    }
  }

  async resize(pod: Pod, containers: readonly ContainerResize[]): Promise<void> {
    const { client, cgroups, capacity } = this.#options;
    // The pod's own group has to hold the most that its containers have meanwhile: it grows before them and shrinks after them.
    await cgroups.ensure(pod).catch(() => undefined);
    for (const { id, container } of containers) {
      const linux = resizedResources(pod, container, value(capacity["memory"] ?? "1"));
      await client.updateContainerResources({ containerId: id, linux });
      this.#observations.resized(id, givenResources(container));
    }
    await cgroups.ensure(pod);
  }

  async startContainer(id: string): Promise<void> {
    try {
      await this.#options.client.startContainer({ containerId: id });
    } catch (error) {
      throw new StartError("RunContainerError", (error as Error).message, { cause: error });
    }
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    await ignoreMissing(this.#options.client.stopContainer({ containerId: id, timeout: graceSeconds }));
  }

  async removeContainer(id: string): Promise<void> {
    const { client } = this.#options;
    const log = await client.containerStatus({ containerId: id }).then(({ status }) => status?.logPath ?? "", () => "");
    await ignoreMissing(client.removeContainer({ containerId: id }));
    if (log === "") return;
    const directory = join(log, "..");
    const name = log.slice(directory.length + 1);
    // With the log go the parts that were rotated away.
    for (const file of await readdir(directory).catch(() => [])) if (file.startsWith(name)) await rm(join(directory, file), { force: true });
  }

  async exec(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const answer = await this.#options.client.execSync({ containerId: id, cmd: command, timeout: Math.ceil(timeoutSeconds) });
    return { exitCode: answer.exitCode, output: Buffer.concat([answer.stdout, answer.stderr]).toString("utf8") };
  }

  #heard(event: ContainerdEvent): void {
    if (event.kind === "Connected") return this.#listener?.missed();
    if (event.kind === "Disconnected") return;
    if (event.kind === "Exited") this.#observations.exited(event.containerId);
    // That memory ran out may be known only after the end itself.
    if (event.kind === "OutOfMemory") this.#observations.lookCloser(event.containerId);
    const owner = this.#observations.ownerOf(event.containerId);
    if (owner !== undefined) this.#listener?.changed(owner);
  }

  async #ensureCgroup(cgroups: PodCgroups, pod: Pod): Promise<void> {
    await cgroups.ensure(pod).catch((cause: Error) => {
      throw new PreparationError("FailedCreatePodContainer", `unable to ensure pod container exists: ${cause.message}`, { cause });
    });
  }

  async #sandboxConfig(pod: Pod, attempt: number): Promise<Sent<"PodSandboxConfig">> {
    const { cgroups, directories, clusterDns, nodeDns, seccompRoot } = this.#options;
    return sandboxConfig(pod, {
      attempt, seccompRoot, cgroupParent: cgroups.parentOf(pod),
      hostname: kernelHostname(pod, clusterDns.domain),
      logDirectory: new PodDirectories(directories, identityOf(pod)).logs,
      dns: podDns(pod, clusterDns, await nodeDns()),
    });
  }

  async #environment({ pod, container }: ContainerRequest, podIPs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { objects, hostIPs, allocatable } = this.#options;
    try {
      return await containerEnvironment({ pod, container, lookup: objects, facts: { podIPs, hostIPs, allocatable } });
    } catch (error) {
      throw new StartError("CreateContainerConfigError", (error as Error).message, { cause: error });
    }
  }

  async #target({ pod, container }: ContainerRequest): Promise<{ readonly targetId?: string }> {
    const name = container.targetContainerName;
    if (!name) return {};
    const { containers } = await this.#observations.observe(identityOf(pod));
    const target = containers.find((each) => each.name === name && each.state === "Running");
    if (target === undefined) throw new StartError("CreateContainerConfigError", `unable to find target container ${name}`);
    return { targetId: target.id };
  }
}

/** What is to be taken away may be gone already. */
async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!hasCode(error, "NotFound")) throw error;
  });
}
