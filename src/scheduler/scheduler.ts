import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import { type Change, Informer } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import type { Random } from "#machinery/random.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { SchedulerCache } from "./cache.ts";
import { type NodeInfo, PodInfo } from "./node-info.ts";
import type { ClusterChange } from "./plugin.ts";
import { defaultProfile, type Profile } from "./profile.ts";
import { scheduleOne } from "./schedule-one.ts";
import { SchedulingQueue, type Waiting } from "./queue.ts";

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly profiles?: readonly Profile[];
  /** Told how long the decision about one pod took, in milliseconds. */
  attempted?(milliseconds: number): void;
  log(message: string, error?: Error): void;
}

/** Pods decided in one go before others get their turn of the process. */
const decisionsPerTurn = 50;

/**
 * Gives pods a node: one at a time it decides, from the cache, and counts the pod there at once; binding follows in the background.
 *
 * Invariant: between two decisions the cache shows every earlier one, so no room is given away twice.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  readonly #recorder: EventRecorder;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  #turn = false;
  #start = 0;
  #running = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { client, clock, log } = options;
    this.#profiles = new Map((options.profiles ?? [defaultProfile]).map((profile) => [profile.name, profile]));
    this.#queue = new SchedulingQueue({ clock, ready: () => this.#wake() });
    this.#recorder = new EventRecorder({ client, clock, component: "default-scheduler", failed: (error) => log("an event was lost", error) });
    const failed = (error: Error): void => log("the scheduler cannot watch and goes on trying", error);
    this.#nodes = new Informer(client.of(Node), { clock, failed });
    this.#pods = new Informer(client.of(Pod), { clock, failed, fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" });
  }

  /** Resolves when nodes and pods are known and placing begins. */
  async start(): Promise<void> {
    this.#nodes.start();
    this.#pods.start();
    await Promise.all([this.#nodes.synced(), this.#pods.synced()]);
    this.#nodes.subscribe((change) => this.#nodeChanged(change));
    this.#pods.subscribe((change) => this.#podChanged(change));
    this.#running = true;
    this.#queue.start();
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    this.#queue.stop();
    this.#nodes.stop();
    this.#pods.stop();
  }

  #nodeChanged(change: Change<Node>): void {
    const { object: node } = change;
    if (change.type === "deleted") return this.#cache.removeNode(node.metadata.name);
    this.#cache.putNode(node);
    if (change.type === "added") this.#changed({ what: "node-added", node });
    else if (matters(node, change.before)) this.#changed({ what: "node-updated", node, before: change.before });
  }

  #podChanged(change: Change<Pod>): void {
    const { object: pod } = change;
    const { uid } = pod.metadata;
    if (change.type === "deleted") {
      this.#queue.remove(uid);
      this.#cache.removePod(uid);
      if (pod.spec.nodeName) this.#changed({ what: "pod-removed", pod });
      return;
    }
    if (pod.spec.nodeName) {
      const isNew = change.type === "added" || !change.before.spec.nodeName;
      this.#queue.remove(uid);
      this.#cache.putPod(pod);
      if (isNew) this.#changed({ what: "pod-placed", pod });
      return;
    }
    this.#pending(pod, change.type === "updated" ? change.before : undefined);
  }

  /** A pod without a node has come or changed. */
  #pending(pod: Pod, before: Pod | undefined): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (!this.#profiles.has(pod.spec.schedulerName) || this.#cache.isAssumed(uid)) return;
    if (deletionTimestamp !== undefined) return this.#queue.remove(uid);
    if (pod.spec.schedulingGates?.length) return void this.#sayGated(pod);
    if (!before || !equal(before.spec, pod.spec) || !equal(before.metadata.labels, pod.metadata.labels)) this.#queue.put(pod);
    else this.#queue.refresh(pod);
  }

  /** Pods that wait for such a change are tried again. */
  #changed(change: ClusterChange): void {
    this.#queue.changed(({ pod, refusedBy }) => {
      const plugins = this.#profiles.get(pod.spec.schedulerName)?.plugins ?? [];
      return plugins.some(({ plugin }) => refusedBy.has(plugin.name) && plugin.mayHelp?.(pod, change) === true);
    });
  }

  #wake(): void {
    if (this.#turn || !this.#running) return;
    this.#turn = true;
    this.#options.clock.after(0, () => this.#decideSome());
  }

  #decideSome(): void {
    this.#turn = false;
    for (let decided = 0; decided < decisionsPerTurn && this.#running; decided++) {
      const waiting = this.#queue.next();
      if (!waiting) return;
      this.#decide(waiting);
    }
    this.#wake();
  }

  #decide(waiting: Waiting): void {
    const profile = this.#profiles.get(waiting.pod.spec.schedulerName);
    if (!profile) return;
    const started = this.#options.clock.monotonic();
    const pod = new PodInfo(waiting.pod);
    const nodes = this.#cache.nodes();
    const decision = scheduleOne(pod, nodes, profile, this.#start, this.#options.random);
    this.#start = nodes.length === 0 ? 0 : (this.#start + 1) % nodes.length;
    this.#options.attempted?.(this.#options.clock.monotonic() - started);
    if (decision.outcome === "fits") {
      this.#cache.assume(pod, decision.node.name);
      void this.#bind(waiting, decision.node);
      return;
    }
    this.#queue.giveUp(waiting, decision.plugins);
    void this.#sayUnschedulable(waiting.pod, decision.message);
  }

  async #bind(waiting: Waiting, node: NodeInfo): Promise<void> {
    const { pod } = waiting;
    const { namespace, name, uid } = pod.metadata;
    const target = { apiVersion: "v1", kind: "Node", name: node.name };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { namespace, name, uid }, target };
    try {
      await this.#options.client.of(Pod).createSubresource(namespace, name, "binding", binding);
      this.#recorder.event(pod, "Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${node.name}`);
    } catch (error) {
      this.#cache.forget(uid);
      if (isNotFound(error) || !this.#pods.get(namespace, name)) return;
      this.#options.log(`pod ${namespace}/${name} could not be bound to ${node.name} and is tried again`, error as Error);
      this.#queue.retry(waiting);
    }
  }

  async #sayUnschedulable(pod: Pod, message: string): Promise<void> {
    this.#recorder.event(pod, "Warning", "FailedScheduling", message);
    await this.#setCondition(pod, "Unschedulable", message);
  }

  async #sayGated(pod: Pod): Promise<void> {
    await this.#setCondition(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
  }

  /** Writes the condition PodScheduled=False, unless it stands there already. */
  async #setCondition(pod: Pod, reason: string, message: string): Promise<void> {
    const known = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
    if (known?.status === "False" && known.reason === reason && known.message === message) return;
    const now = `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
    const lastTransitionTime = known?.status === "False" ? known.lastTransitionTime : now;
    const condition = { type: "PodScheduled", status: "False", reason, message, lastTransitionTime };
    const { namespace, name } = pod.metadata;
    const patch = { status: { conditions: [condition] } };
    try {
      await this.#options.client.of(Pod).patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status");
    } catch (error) {
      if (!isNotFound(error)) this.#options.log(`the status of pod ${namespace}/${name} could not be written`, error as Error);
    }
  }
}

/** Whether a change of a node can matter for placing: not its heartbeats. */
function matters(node: Node, before: Node): boolean {
  const { spec, metadata, status } = node;
  const conditions = (one: Node): string => (one.status.conditions ?? []).map(({ type, status: value }) => `${type}=${value}`).join();
  return (
    !equal(spec, before.spec) || !equal(metadata.labels, before.metadata.labels) || !equal(status.allocatable, before.status.allocatable) ||
    conditions(node) !== conditions(before)
  );
}
