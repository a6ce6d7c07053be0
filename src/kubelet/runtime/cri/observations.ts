import type { Clock } from "#machinery/clock.ts";
import { PodDirectories, type NodeDirectories } from "../../pod-directories.ts";
import { readLastLogLines, readTerminationMessage } from "../../termination-message.ts";
import type { GivenResources, ObservedContainer, ObservedPod, ObservedSandbox, ObservedState } from "../observed.ts";
import type { PodIdentity } from "../runtime.ts";
import type { CriClient } from "./client.ts";
import type { Received } from "./definitions.ts";
import { containerNameLabel, hashAnnotation, identityFrom, messagePolicyAnnotation, podUidLabel, resourcesAnnotation, restartCountAnnotation } from "./labels.ts";

const states: { readonly [state in Received<"ContainerStatus">["state"]]: ObservedState } = {
  CONTAINER_CREATED: "Created", CONTAINER_RUNNING: "Running", CONTAINER_EXITED: "Exited", CONTAINER_UNKNOWN: "Unknown",
};

/** After an exit was told, the runtime may still say "running" for a moment: it is asked again after these waits. */
const lagMilliseconds = [10, 30, 100, 300, 1_000];

/**
 * Sees what stands of a pod, by the CRI's lists, and asks for details only of what is new or changed. Knows to which pod each
 * container and sandbox belongs.
 */
export class Observations {
  readonly #client: CriClient;
  readonly #clock: Clock;
  readonly #directories: NodeDirectories;
  readonly #changed: (podUid: string) => void;
  readonly #containers = new Map<string, ObservedContainer>();
  readonly #sandboxes = new Map<string, ObservedSandbox>();
  readonly #owners = new Map<string, string>();
  /** What containers were given since they were made. After a restart of the kubelet they are given it again. */
  readonly #resized = new Map<string, GivenResources>();
  /** Containers whose end was told and not seen yet: how often we looked. */
  readonly #exits = new Map<string, number>();

  constructor(client: CriClient, clock: Clock, directories: NodeDirectories, changed: (podUid: string) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#directories = directories;
    this.#changed = changed;
  }

  /** Learns of a container or sandbox before it is first seen. */
  own(id: string, podUid: string): void {
    this.#owners.set(id, podUid);
  }

  ownerOf(id: string): string | undefined {
    return this.#owners.get(id);
  }

  exited(id: string): void {
    if (this.#containers.get(id)?.state !== "Exited") this.#exits.set(id, 0);
  }

  resized(id: string, resources: GivenResources): void {
    this.#resized.set(id, resources);
    this.#containers.delete(id);
  }

  /** What was seen of a container that has ended is not the whole story. */
  lookCloser(id: string): void {
    if (this.#containers.get(id)?.state === "Exited") this.#containers.delete(id);
  }

  /** Every pod of which the runtime has something. */
  async listPods(): Promise<readonly PodIdentity[]> {
    const [{ items }, { containers }] = await Promise.all([this.#client.listPodSandbox({}), this.#client.listContainers({})]);
    const found = new Map<string, PodIdentity>();
    for (const { id, labels } of [...items, ...containers]) {
      const identity = identityFrom(labels);
      if (identity === undefined) continue;
      this.#owners.set(id, identity.uid);
      found.set(identity.uid, identity);
    }
    return [...found.values()];
  }

  async observe({ uid, namespace, name }: PodIdentity): Promise<ObservedPod> {
    const labelSelector = { [podUidLabel]: uid };
    const [{ items }, { containers }] = await Promise.all([
      this.#client.listPodSandbox({ filter: { labelSelector } }),
      this.#client.listContainers({ filter: { labelSelector } }),
    ]);
    const [sandboxes, observed] = await Promise.all([
      Promise.all(items.map((sandbox) => this.#sandbox(sandbox))),
      Promise.all(containers.map((container) => this.#container(container, { uid, namespace, name }))),
    ]);
    this.#forgetOthers(uid, new Set([...items, ...containers].map(({ id }) => id)));
    return {
      uid, namespace, name,
      sandboxes: sandboxes.filter((each) => each !== undefined).sort((a, b) => b.createdAt - a.createdAt),
      containers: observed.filter((each) => each !== undefined).sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
    };
  }

  async #sandbox(listed: Received<"PodSandbox">): Promise<ObservedSandbox | undefined> {
    this.#owners.set(listed.id, listed.labels[podUidLabel] ?? "");
    const ready = listed.state === "SANDBOX_READY";
    const known = this.#sandboxes.get(listed.id);
    if (known !== undefined && known.ready === ready && (known.ips.length > 0 || !ready)) return known;
    const status = await this.#client.podSandboxStatus({ podSandboxId: listed.id }).then((answer) => answer.status, () => null);
    if (status === null) return undefined;
    const { ip = "", additionalIps = [] } = status.network ?? {};
    const sandbox: ObservedSandbox = {
      id: listed.id, attempt: listed.metadata?.attempt ?? 0, ready, createdAt: milliseconds(listed.createdAt),
      ips: [ip, ...additionalIps.map((each) => each.ip)].filter((each) => each !== ""),
    };
    this.#sandboxes.set(listed.id, sandbox);
    return sandbox;
  }

  async #container(listed: Received<"Container">, pod: PodIdentity): Promise<ObservedContainer | undefined> {
    this.#owners.set(listed.id, pod.uid);
    const state = states[listed.state];
    this.#lookAgain(listed.id, state, pod.uid);
    const known = this.#containers.get(listed.id);
    if (known?.state === state) return known;
    const status = await this.#client.containerStatus({ containerId: listed.id }).then((answer) => answer.status, () => null);
    if (status === null) return undefined;
    const container = await this.#describe(status, listed, pod);
    this.#containers.set(listed.id, container);
    return container;
  }

  async #describe(status: Received<"ContainerStatus">, listed: Received<"Container">, pod: PodIdentity): Promise<ObservedContainer> {
    const { id, annotations, labels } = status;
    const state = states[status.state];
    const attempt = Number(annotations[restartCountAnnotation] ?? status.metadata?.attempt ?? 0);
    const user = status.user?.linux;
    const resources = this.#resized.get(id) ?? readResources(annotations[resourcesAnnotation]);
    const base: ObservedContainer = {
      id, name: labels[containerNameLabel] ?? status.metadata?.name ?? "", sandboxId: listed.podSandboxId, attempt,
      hash: annotations[hashAnnotation] ?? "", state, createdAt: milliseconds(status.createdAt),
      image: status.image?.userSpecifiedImage || status.image?.image || "", imageId: status.imageRef,
      ...(resources ? { resources } : {}),
      ...(status.startedAt > 0n ? { startedAt: milliseconds(status.startedAt) } : {}),
      ...(user ? { user: { uid: Number(user.uid), gid: Number(user.gid), supplementalGroups: user.supplementalGroups.map(Number) } } : {}),
    };
    if (state !== "Exited") return base;
    const message = await this.#lastWords(status, base, pod);
    return { ...base, finishedAt: milliseconds(status.finishedAt), exitCode: status.exitCode, reason: status.reason, message };
  }

  async #lastWords(status: Received<"ContainerStatus">, { name, attempt }: ObservedContainer, pod: PodIdentity): Promise<string> {
    const directories = new PodDirectories(this.#directories, pod);
    const written = await readTerminationMessage(directories.terminationMessage(name, attempt));
    if (written !== "") return written;
    const fallsBack = status.annotations[messagePolicyAnnotation] === "FallbackToLogsOnError" && status.exitCode !== 0;
    const lines = fallsBack && status.logPath !== "" ? await readLastLogLines(status.logPath) : "";
    return lines || status.message;
  }

  #lookAgain(id: string, state: ObservedState, podUid: string): void {
    const looks = this.#exits.get(id);
    if (looks === undefined) return;
    const wait = lagMilliseconds[looks];
    if (state === "Exited" || wait === undefined) return void this.#exits.delete(id);
    this.#exits.set(id, looks + 1);
    this.#clock.after(wait, () => this.#changed(podUid));
  }

  #forgetOthers(podUid: string, present: ReadonlySet<string>): void {
    for (const [id, owner] of this.#owners) {
      if (owner !== podUid || present.has(id)) continue;
      for (const map of [this.#owners, this.#containers, this.#sandboxes, this.#exits, this.#resized]) map.delete(id);
    }
  }
}

function readResources(json: string | undefined): GivenResources | undefined {
  return json === undefined ? undefined : JSON.parse(json) as GivenResources;
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}
