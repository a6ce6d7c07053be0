import type { Pod } from "#api/generated/core-v1.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { addressAt, formatIp, type IpRange, rangeSize } from "#machinery/ip.ts";
import { type Random, timeUntilNext } from "#machinery/random.ts";
import { containerHash, givenResources } from "../../containers.ts";
import { type ObservedContainer, type ObservedPod, type ObservedSandbox } from "../observed.ts";
import {
  type ContainerRequest, type ContainerResize, type ExecResult, identityOf, type Images, type PodIdentity, type Runtime,
  type RuntimeListener, type RuntimeVersion, StartError,
} from "../runtime.ts";
import { behaviourOf } from "./behaviour.ts";
import { SimulatedImages } from "./simulated-images.ts";

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the pods' addresses come from: distinct for each node. */
  readonly podRange: IpRange;
  /** How long making a sandbox takes, from least to most. Default 50 to 150. */
  readonly sandboxMilliseconds?: readonly [number, number] | undefined;
  /** How often a running container fails by itself, on average. Default never. */
  readonly failuresPerHour?: number | undefined;
}

interface SimulatedPod {
  readonly identity: PodIdentity;
  /** As it was last heard of: annotations may change how it goes on. */
  pod: Pod | undefined;
  sandboxes: readonly ObservedSandbox[];
  containers: readonly ObservedContainer[];
}

const defaultSandboxMilliseconds = [50, 150] as const;

/**
 * Runs pods by pretending: no processes, no files, one small record a pod, so that one process can stand in for thousands of nodes.
 * Pods do as their annotations say (behaviour.ts); without any they run for ever, and init containers succeed at once.
 */
export class SimulatedRuntime implements Runtime {
  readonly images: Images = new SimulatedImages();
  readonly #options: SimulatedRuntimeOptions;
  readonly #pods = new Map<string, SimulatedPod>();
  /** Ends to come, by container id. */
  readonly #timers = new Map<string, Timer>();
  readonly #usedAddresses = new Set<string>();
  #nextAddress = 0;
  #nextId = 0;
  #listener: RuntimeListener | undefined;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
  }

  start(listener: RuntimeListener): Promise<void> {
    this.#listener = listener;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }

  version(): Promise<RuntimeVersion> {
    return Promise.resolve({ name: "simulated", version: "1.0.0" });
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  listPods(): Promise<readonly PodIdentity[]> {
    return Promise.resolve([...this.#pods.values()].map(({ identity }) => identity));
  }

  observe(identity: PodIdentity): Promise<ObservedPod> {
    const found = this.#pods.get(identity.uid);
    const { uid, namespace, name } = identity;
    return Promise.resolve({ uid, namespace, name, sandboxes: found?.sandboxes ?? [], containers: found?.containers ?? [] });
  }

  prepare(pod: Pod): undefined {
    this.#record(pod);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  forget({ uid }: PodIdentity): Promise<void> {
    const record = this.#pods.get(uid);
    for (const { ips } of record?.sandboxes ?? []) for (const ip of ips) this.#usedAddresses.delete(ip);
    for (const { id } of record?.containers ?? []) this.#timers.get(id)?.cancel();
    this.#pods.delete(uid);
    return Promise.resolve();
  }

  async createSandbox(pod: Pod, attempt: number): Promise<void> {
    const { clock, random, sandboxMilliseconds: [least, most] = defaultSandboxMilliseconds } = this.#options;
    await this.#pass(behaviourOf(pod).startMilliseconds ?? least + random.fraction() * (most - least));
    const record = this.#record(pod);
    const ips = pod.spec.hostNetwork === true ? [] : [this.#takeAddress()];
    record.sandboxes = [{ id: this.#newId(), attempt, ready: true, createdAt: clock.now(), ips }, ...record.sandboxes];
  }

  stopSandbox(id: string): Promise<void> {
    for (const record of this.#pods.values()) {
      for (const { ips } of record.sandboxes.filter((sandbox) => sandbox.id === id)) for (const ip of ips) this.#usedAddresses.delete(ip);
      record.sandboxes = record.sandboxes.map((sandbox) => sandbox.id === id ? { ...sandbox, ready: false } : sandbox);
    }
    return Promise.resolve();
  }

  removeSandbox(id: string): Promise<void> {
    for (const record of this.#pods.values()) {
      if (!record.sandboxes.some((sandbox) => sandbox.id === id)) continue;
      record.sandboxes = record.sandboxes.filter((sandbox) => sandbox.id !== id);
      record.containers = record.containers.filter((container) => container.sandboxId !== id);
    }
    return Promise.resolve();
  }

  createContainer({ pod, container, attempt, sandbox, image }: ContainerRequest): Promise<string> {
    const id = this.#newId();
    const made: ObservedContainer = {
      id, name: container.name, sandboxId: sandbox.id, attempt, hash: containerHash(container), state: "Created",
      createdAt: this.#options.clock.now(), image: container.image ?? "", imageId: image.id, resources: givenResources(container),
    };
    const record = this.#record(pod);
    record.containers = [made, ...record.containers];
    return Promise.resolve(id);
  }

  resize(pod: Pod, containers: readonly ContainerResize[]): Promise<void> {
    for (const { id, container } of containers) this.#change(this.#record(pod), id, { resources: givenResources(container) });
    return Promise.resolve();
  }

  startContainer(id: string): Promise<void> {
    const found = this.#find(id);
    if (found === undefined) return Promise.reject(new StartError("RunContainerError", `container "${id}" is not there`));
    const { record, container } = found;
    const { clock } = this.#options;
    this.#change(record, id, { state: "Running", startedAt: clock.now() });
    const behaviour = record.pod === undefined ? {} : behaviourOf(record.pod);
    const isInit = record.pod?.spec.initContainers?.some(({ name, restartPolicy }) => name === container.name && restartPolicy !== "Always") ?? false;
    const runs = isInit ? behaviour.initMilliseconds ?? 0 : behaviour.runMilliseconds;
    if (runs === undefined) return this.#failSometime(id);
    const exitCode = isInit ? behaviour.initExitCode ?? 0 : behaviour.exitCode ?? 0;
    this.#timers.set(id, clock.after(runs, () => this.#end(id, exitCode, behaviour.exitReason)));
    return Promise.resolve();
  }

  /** What was to run for ever may fail by chance. */
  #failSometime(id: string): Promise<void> {
    const { clock, random, failuresPerHour = 0 } = this.#options;
    const milliseconds = timeUntilNext(failuresPerHour, random);
    if (milliseconds !== undefined) this.#timers.set(id, clock.after(milliseconds, () => this.#end(id, 1, undefined)));
    return Promise.resolve();
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const found = this.#find(id);
    if (found?.container.state !== "Running") return;
    const takes = found.record.pod === undefined ? 0 : behaviourOf(found.record.pod).stopMilliseconds ?? 0;
    await this.#pass(Math.min(takes, graceSeconds * 1000));
    this.#end(id, takes > graceSeconds * 1000 ? 137 : 0, undefined);
  }

  removeContainer(id: string): Promise<void> {
    const found = this.#find(id);
    if (found !== undefined) found.record.containers = found.record.containers.filter((container) => container.id !== id);
    return Promise.resolve();
  }

  exec(_id: string, command: readonly string[]): Promise<ExecResult> {
    return Promise.resolve({ exitCode: 0, output: `simulated: ${command.join(" ")}\n` });
  }

  /** Ends a running container, as a fault of its process would. */
  #end(id: string, exitCode: number, reason: string | undefined): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    const found = this.#find(id);
    if (found?.container.state !== "Running") return;
    this.#change(found.record, id, {
      state: "Exited", finishedAt: this.#options.clock.now(), exitCode, reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
    });
    this.#listener?.changed(found.record.identity.uid);
  }

  #change(record: SimulatedPod, id: string, change: Partial<ObservedContainer>): void {
    record.containers = record.containers.map((container) => container.id === id ? { ...container, ...change } : container);
  }

  #find(id: string): { record: SimulatedPod; container: ObservedContainer } | undefined {
    for (const record of this.#pods.values()) {
      const container = record.containers.find((each) => each.id === id);
      if (container !== undefined) return { record, container };
    }
    return undefined;
  }

  #record(pod: Pod): SimulatedPod {
    let record = this.#pods.get(pod.metadata.uid);
    if (record === undefined) {
      record = { identity: identityOf(pod), pod, sandboxes: [], containers: [] };
      this.#pods.set(pod.metadata.uid, record);
    }
    record.pod = pod;
    return record;
  }

  #takeAddress(): string {
    const { podRange } = this.#options;
    const usable = Number(rangeSize(podRange)) - 3;
    for (let tries = 0; tries < usable; tries++) {
      const address = addressAt(podRange, 2 + (this.#nextAddress++ % usable));
      const text = address === undefined ? "" : formatIp(address);
      if (text === "" || this.#usedAddresses.has(text)) continue;
      this.#usedAddresses.add(text);
      return text;
    }
    throw new Error("no addresses are left for pods");
  }

  #newId(): string {
    return (this.#nextId++).toString(16).padStart(64, "0");
  }

  #pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(milliseconds, resolve));
  }
}
