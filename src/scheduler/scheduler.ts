import type { Namespace } from "#api/core/namespace.ts";
import type { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import type { Change } from "#client/informer.ts";
import type { Clock } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import type { Random } from "#machinery/random.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { SchedulerCache } from "./cache.ts";
import { type ClusterChange, nodeDifferences } from "./cluster-change.ts";
import { ClusterInformers } from "./cluster-informers.ts";
import { ClusterState } from "./cluster-state/cluster-state.ts";
import { Nominator } from "./nominator.ts";
import { PodInfo } from "./pod-info.ts";
import { PodReports } from "./pod-reports.ts";
import { defaultProfile, type Profile } from "./profile.ts";
import { SchedulingQueue, type Waiting } from "./queue.ts";
import { scheduleOne } from "./schedule-one.ts";

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** At least one. All sort the queue alike: by the first one's plugin. */
  readonly profiles?: readonly Profile[];
  /** Told how long the decision about one pod took, in milliseconds. */
  attempted?(milliseconds: number): void;
  log(message: string, error?: Error): void;
}

/** So long pods are decided in one go before others get their turn of the process; and so many at most. */
const turnMilliseconds = 8;
const decisionsPerTurn = 200;

/**
 * Gives pods a node: one at a time it decides, from the cache, and counts the pod there at once; binding follows in the background.
 *
 * Invariant: between two decisions the cluster's state shows every earlier one, so no room is given away twice.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #informers: ClusterInformers;
  readonly #cluster: ClusterState;
  readonly #cache: SchedulerCache;
  readonly #nominator = new Nominator();
  readonly #queue: SchedulingQueue;
  readonly #reports: PodReports;
  #turn = false;
  #start = 0;
  #running = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { client, clock, log, profiles = [defaultProfile] } = options;
    this.#profiles = new Map(profiles.map((profile) => [profile.name, profile]));
    const sort = profiles[0]?.plugins.find(({ plugin }) => plugin.comesFirst)?.plugin;
    this.#queue = new SchedulingQueue({
      clock,
      ready: () => this.#wake(),
      comesFirst: (one, other) => sort?.comesFirst?.(one, other) ?? one.since < other.since,
      holdsBack: (pod) => this.#holdsBack(pod),
    });
    const recorder = new EventRecorder({ client, clock, component: "default-scheduler", failed: (error) => log("an event was lost", error) });
    this.#reports = new PodReports({ client, clock, recorder, log });
    this.#informers = new ClusterInformers(client, { clock, failed: (error) => log("the scheduler cannot watch and goes on trying", error) });
    this.#cluster = new ClusterState(this.#informers);
    this.#cache = new SchedulerCache(this.#cluster);
  }

  /** Resolves when nodes and pods are known and placing begins. */
  async start(): Promise<void> {
    await this.#informers.start();
    this.#informers.nodes.subscribe((change) => this.#nodeChanged(change));
    this.#informers.pods.subscribe((change) => this.#podChanged(change));
    this.#informers.namespaces.subscribe((change) => this.#namespaceChanged(change));
    this.#running = true;
    this.#queue.start();
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    this.#queue.stop();
    this.#informers.stop();
  }

  #nodeChanged(change: Change<Node>): void {
    const { object: node } = change;
    if (change.type === "deleted") {
      this.#cache.removeNode(node.metadata.name);
      return this.#changed({ what: "node-removed", node });
    }
    this.#cache.putNode(node);
    if (change.type === "added") return this.#changed({ what: "node-added", node });
    const differences = nodeDifferences(change.before, node);
    if (differences) this.#changed({ what: "node-updated", node, differences });
  }

  #podChanged(change: Change<Pod>): void {
    const { object: pod } = change;
    const { uid } = pod.metadata;
    if (change.type === "deleted") {
      this.#queue.remove(uid);
      this.#nominator.forget(uid);
      const removed = this.#cache.removePod(uid);
      if (removed) this.#changed({ what: "pod-removed", pod: removed });
      return;
    }
    if (pod.spec.nodeName) return this.#placed(pod, change.type === "added" || !change.before.spec.nodeName);
    this.#pending(pod, change.type === "updated" ? change.before : undefined);
  }

  /** A pod with a node has come or changed. */
  #placed(pod: Pod, isNew: boolean): void {
    this.#queue.remove(pod.metadata.uid);
    this.#nominator.forget(pod.metadata.uid);
    const { pod: info, before } = this.#cache.putPod(pod);
    if (isNew) this.#changed({ what: "pod-placed", pod: info });
    else if (before && before !== info) this.#changed({ what: "pod-updated", pod: info, before });
  }

  /** A pod without a node has come or changed. */
  #pending(pod: Pod, before: Pod | undefined): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (!this.#profiles.has(pod.spec.schedulerName) || this.#cache.isAssumed(uid)) return;
    if (deletionTimestamp !== undefined) {
      this.#nominator.forget(uid);
      return this.#queue.remove(uid);
    }
    const known = this.#queue.get(uid);
    if (known && before && equal(before.spec, pod.spec) && equal(before.metadata.labels, pod.metadata.labels)) {
      known.pod.pod = pod;
      return;
    }
    const info = new PodInfo(pod);
    if (pod.status.nominatedNodeName) this.#nominator.nominate(info, pod.status.nominatedNodeName);
    this.#queue.put(info);
  }

  /** What terms with a selector for namespaces mean depends on the labels of namespaces. */
  #namespaceChanged(change: Change<Namespace>): void {
    if (change.type === "updated" && equal(change.before.metadata.labels, change.object.metadata.labels)) return;
    this.#cluster.forgetTallies();
    const { name } = change.object.metadata;
    this.#changed({ what: "object-changed", kind: "Namespace", namespace: "", name });
  }

  #holdsBack(pod: PodInfo): string | undefined {
    for (const { plugin } of this.#profiles.get(pod.pod.spec.schedulerName)?.plugins ?? []) {
      const reason = plugin.holdsBack?.(pod);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Pods that wait for such a change are tried again. */
  #changed(change: ClusterChange): void {
    this.#queue.changed(({ pod, refusedBy }) => {
      const plugins = this.#profiles.get(pod.pod.spec.schedulerName)?.plugins ?? [];
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
    const { clock } = this.#options;
    const end = clock.monotonic() + turnMilliseconds;
    for (let decided = 0; decided < decisionsPerTurn && clock.monotonic() < end && this.#running; decided++) {
      const waiting = this.#queue.next();
      if (!waiting) return;
      this.#decide(waiting);
    }
    this.#wake();
  }

  #decide(waiting: Waiting): void {
    const { pod } = waiting;
    const profile = this.#profiles.get(pod.pod.spec.schedulerName);
    if (!profile) return;
    const started = this.#options.clock.monotonic();
    const nominator = this.#nominator;
    const decision = scheduleOne({ pod, cluster: this.#cluster, nominator, profile, random: this.#options.random, start: this.#start });
    const count = this.#cluster.nodes.length;
    this.#start = count === 0 ? 0 : (this.#start + decision.looked) % count;
    this.#options.attempted?.(this.#options.clock.monotonic() - started);
    if (decision.outcome === "fits") {
      this.#cache.assume(pod, decision.node.name);
      void this.#bind(waiting, decision.node.name);
      return;
    }
    this.#queue.giveUp(waiting, decision.plugins);
    void this.#reports.unschedulable(pod.pod, decision.message, undefined);
  }

  async #bind(waiting: Waiting, node: string): Promise<void> {
    const { pod } = waiting.pod;
    const { namespace, name, uid } = pod.metadata;
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { namespace, name, uid }, target };
    try {
      await this.#options.client.of(Pod).createSubresource(namespace, name, "binding", binding);
      this.#reports.scheduled(pod, node);
    } catch (error) {
      this.#cache.forget(uid);
      if (isNotFound(error) || !this.#informers.pods.get(namespace, name)) return;
      this.#options.log(`pod ${namespace}/${name} could not be bound to ${node} and is tried again`, error as Error);
      this.#queue.retry(waiting);
    }
  }
}
