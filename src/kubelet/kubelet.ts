import type { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { Change } from "#client/informer.ts";
import { type Clock, sleep, type Timer } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { type ClusterView, viewOfNode } from "./cluster-view.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { ImagePuller, type ImagePullerOptions } from "./image-puller.ts";
import type { ActionRunner, ProbesFactory } from "./lifecycle.ts";
import { resizeRefusal } from "./resize.ts";
import { affinityReason, type Refusal, refusal } from "./node-admission.ts";
import { allocatable, hostIPs, type NodeDescription, nodeLabels } from "./node/node-description.ts";
import { NodeReporter } from "./node/node-reporter.ts";
import { orphanedPod } from "./orphaned-pod.ts";
import type { Events } from "./pod-work.ts";
import { PodWorker, type WorkerTools } from "./pod-worker.ts";
import type { PodIdentity, Runtime, RuntimeVersion } from "./runtime/runtime.ts";
import { MirrorPods } from "./static-pods/mirror-pods.ts";
import { isMirror } from "./static-pods/read-static-pods.ts";
import { StaticPods } from "./static-pods/static-pods.ts";
import { StatusWriter } from "./status-writer.ts";

export interface KubeletOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly node: NodeDescription;
  readonly runtime: Runtime;
  readonly actions: ActionRunner;
  readonly probes: ProbesFactory;
  readonly events: Events;
  readonly credentialsFor?: ImagePullerOptions["credentialsFor"];
  /** Told of what went wrong and will be tried again. */
  readonly failed: (what: string, error: Error) => void;
  readonly heartbeatMilliseconds?: number;
  /** Watches of the node's own when absent. */
  readonly view?: ClusterView;
  /** Where the node's own pods are described, one a file; absent: it has none. */
  readonly staticPodDirectory?: string;
  /** How many sandboxes and containers are made at once. Default 4. */
  readonly startsAtOnce?: number;
  /** How long a pod that is still Pending may go on before the API hears of it. Default 0. */
  readonly pendingMilliseconds?: number;
}

const defaultStartsAtOnce = 4;
/** The runtime tells of changes; this is for what it may have missed. */
const relistMilliseconds = 300_000;
const runtimeRetryMilliseconds = 500;

/**
 * The node's agent: runs the pods that the API assigns to its node, and tells how they and the node are. One worker a pod; nothing is
 * kept but in the API and in the runtime, so a kubelet that starts anew takes over what it finds.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #status: StatusWriter;
  readonly #view: ClusterView;
  readonly #workers = new Map<string, PodWorker>();
  /** Pods, by uid, that wait until the node is read anew. */
  readonly #waiting = new Set<string>();
  readonly #abort = new AbortController();
  readonly #mirrors: MirrorPods;
  #staticPods: StaticPods | undefined;
  #tools: WorkerTools | undefined;
  #reporter: NodeReporter | undefined;
  #relist: Timer | undefined;

  constructor(options: KubeletOptions) {
    this.#options = options;
    const { client, clock, node, failed, pendingMilliseconds } = options;
    this.#status = new StatusWriter({
      client, clock, pendingMilliseconds,
      failed: (pod, error) => failed(`write the status of pod ${pod.metadata.namespace}/${pod.metadata.name}`, error),
    });
    this.#mirrors = new MirrorPods({
      client, clock, status: this.#status, owner: () => this.#reporter?.node?.metadata, failed: (error) => failed("mirror a static pod", error),
    });
    this.#view = options.view ?? viewOfNode(node.name, { client, clock, failed });
  }

  /** All pods that the node has or refused, with their newest statuses. */
  pods(): readonly Pod[] {
    return [...this.#workers.values()].map((worker) => ({ ...worker.pod, status: worker.status }));
  }

  worker(namespace: string, name: string): PodWorker | undefined {
    for (const worker of this.#workers.values()) {
      if (worker.pod.metadata.namespace === namespace && worker.pod.metadata.name === name) return worker;
    }
    return undefined;
  }

  /**
   * Resolves when the node is registered and its pods are being cared for, or when the kubelet was stopped before. Waits for the runtime
   * and the API for as long as it takes.
   */
  async start(): Promise<void> {
    await this.#begin().catch((error: unknown) => {
      if (!this.#abort.signal.aborted) throw error;
    });
  }

  async #begin(): Promise<void> {
    const { runtime, failed } = this.#options;
    const version = await this.#untilDone("reach the container runtime", () => runtime.version());
    this.#tools = this.#workerTools(version);
    await this.#untilDone("hear the container runtime", () => runtime.start({
      changed: (uid) => this.#workers.get(uid)?.changed(),
      missed: () => this.#missed(),
    }));
    const standing = await this.#untilDone("list what runs", () => runtime.listPods());
    this.#reporter = this.#nodeReporter(version);
    const registered = this.#reporter.start();
    await this.#startStaticPods();
    this.#view.start();
    await this.#view.synced();
    this.#abort.signal.throwIfAborted();
    this.#view.subscribe((change) => this.#take(change));
    for (const identity of standing) if (!this.#workers.has(identity.uid)) this.#removeOrphan(identity);
    this.#scheduleRelist();
    await registered.catch((error: Error) => failed("register the node", error));
  }

  /** Stops caring. What runs goes on running. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#relist?.cancel();
    this.#reporter?.stop();
    this.#view.stop();
    this.#staticPods?.stop();
    this.#mirrors.stop();
    for (const worker of this.#workers.values()) worker.stop();
    this.#workers.clear();
    this.#status.stop();
    await this.#options.runtime.stop();
  }

  #workerTools({ name: runtimeName }: RuntimeVersion): WorkerTools {
    const { runtime, clock, actions, node, startsAtOnce = defaultStartsAtOnce } = this.#options;
    const credentialsFor = this.#options.credentialsFor ?? (() => Promise.resolve([]));
    return {
      runtime, clock, actions, runtimeName, events: this.#options.events, status: this.#status, hostIPs: hostIPs(node),
      puller: new ImagePuller({ images: runtime.images, clock, credentialsFor }),
      probes: this.#options.probes,
      starts: new ConcurrencyLimit(startsAtOnce),
      resizeRefusal: (pod) => resizeRefusal(pod, allocatable(node), this.#counted(pod)),
      finished: (uid) => {
        this.#workers.delete(uid);
        this.#status.forget(uid);
      },
    };
  }

  #nodeReporter(runtimeVersion: RuntimeVersion): NodeReporter {
    const { client, clock, random, runtime, node, failed, heartbeatMilliseconds } = this.#options;
    return new NodeReporter({
      client, clock, random, runtime, runtimeVersion, node, events: this.#options.events, present: () => this.#view.node(),
      failed: (error) => failed("report the node", error),
      ...(heartbeatMilliseconds === undefined ? {} : { heartbeatMilliseconds }),
    });
  }

  #take({ type, object }: Change<Pod>): void {
    if (isMirror(object)) return this.#takeMirror(type, object);
    const { uid, namespace, name } = object.metadata;
    const worker = this.#workers.get(uid);
    if (type === "deleted") return worker?.remove(object);
    this.#status.observed(object);
    if (worker !== undefined) return worker.update(object);
    // A pod that was deleted and made anew between two looks comes as one change: the old one is gone.
    for (const other of this.#workers.values()) {
      if (other.pod.metadata.name === name && other.pod.metadata.namespace === namespace) other.remove();
    }
    this.#admit(object);
  }

  #takeMirror(type: Change<Pod>["type"], mirror: Pod): void {
    if (type !== "deleted") {
      this.#status.observed(mirror);
      return this.#mirrors.observed(mirror);
    }
    this.#status.forget(mirror.metadata.uid);
    this.#mirrors.removed(mirror);
  }

  async #startStaticPods(): Promise<void> {
    const { staticPodDirectory: directory, node, clock, failed } = this.#options;
    if (directory === undefined) return;
    this.#staticPods = new StaticPods({
      directory, nodeName: node.name, clock,
      appeared: (pod) => this.#runStatic(pod),
      disappeared: (pod) => {
        this.#workers.get(pod.metadata.uid)?.remove();
        this.#mirrors.unwant(pod);
      },
      refused: (file, error) => failed(`read static pod ${file}`, error),
    });
    await this.#staticPods.start();
  }

  /** A static pod is the node's own: nobody can refuse it, and its status is told through its mirror. */
  #runStatic(pod: Pod): void {
    if (this.#tools === undefined) return;
    const status = { set: this.#mirrors.setStatus.bind(this.#mirrors), finish: () => undefined };
    const worker = new PodWorker(pod, { ...this.#tools, status });
    this.#workers.set(pod.metadata.uid, worker);
    this.#mirrors.want(pod);
    worker.update(pod);
  }

  /** @param nodeIsFresh whether the node has just been read, for labels may have come since it last was */
  #admit(pod: Pod, nodeIsFresh = false): void {
    if (this.#tools === undefined) return;
    const refused = this.#refusal(pod);
    if (refused?.reason === affinityReason && !nodeIsFresh) return void this.#readNodeAndAdmit(pod);
    const worker = new PodWorker(pod, this.#tools);
    this.#workers.set(pod.metadata.uid, worker);
    if (refused === undefined) return worker.update(pod);
    this.#options.events.event(pod, "Warning", refused.reason, refused.message.replace("Pod was rejected: ", ""));
    worker.reject(refused.reason, refused.message);
  }

  async #readNodeAndAdmit({ metadata: { uid, namespace, name } }: Pod): Promise<void> {
    if (this.#waiting.has(uid)) return;
    this.#waiting.add(uid);
    await this.#reporter?.readNode().catch((error: Error) => this.#options.failed("read the node", error));
    this.#waiting.delete(uid);
    const pod = this.#view.pod(namespace, name);
    if (pod?.metadata.uid === uid && !this.#workers.has(uid) && !this.#abort.signal.aborted) this.#admit(pod, true);
  }

  /** A pod that has a start time was taken before, by us or by the kubelet before us. */
  #refusal(pod: Pod): Refusal | undefined {
    if (pod.status.startTime !== undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
    const { node } = this.#options;
    const labels = { ...nodeLabels(node), ...this.#reporter?.node?.metadata.labels };
    return refusal(pod, { name: node.name, labels, allocatable: allocatable(node) }, this.#counted(pod));
  }

  /** The other pods that have a claim on the node, as they count. */
  #counted({ metadata: { uid } }: Pod): readonly Pod[] {
    return [...this.#workers.values()].filter((worker) => worker.isActive && worker.pod.metadata.uid !== uid).map((worker) => worker.counted);
  }

  /** What the runtime has and the API does not know any more. */
  #removeOrphan(identity: PodIdentity): void {
    if (this.#tools === undefined) return;
    const worker = new PodWorker(orphanedPod(identity), this.#tools);
    this.#workers.set(identity.uid, worker);
    worker.remove();
  }

  #missed(): void {
    for (const worker of this.#workers.values()) worker.changed();
    void this.#reporter?.refresh();
  }

  #scheduleRelist(): void {
    const { clock, random } = this.#options;
    this.#relist = clock.after(relistMilliseconds * (0.9 + 0.2 * random.fraction()), () => {
      for (const worker of this.#workers.values()) worker.changed();
      this.#scheduleRelist();
    });
  }

  async #untilDone<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#options.failed(what, error as Error);
      }
      await sleep(this.#options.clock, runtimeRetryMilliseconds, this.#abort.signal);
    }
  }
}
