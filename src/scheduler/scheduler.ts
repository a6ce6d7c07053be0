import type { Client } from "#client/client.ts";
import { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { Binder } from "./binder.ts";
import { SchedulerCache } from "./cache.ts";
import { ClusterFollower } from "./cluster-follower.ts";
import { ClusterInformers } from "./cluster-informers.ts";
import { ClusterState } from "./cluster-state/cluster-state.ts";
import { type Configuration, defaultConfiguration } from "./configuration/read-configuration.ts";
import type { Decision } from "./decision.ts";
import { DecisionHistory, type Explanation } from "./decision-history.ts";
import { askOverHttp } from "./extenders/ask-over-http.ts";
import { type AskExtender, Extenders } from "./extenders/extenders.ts";
import { type Result, SchedulerMetrics } from "./metrics/scheduler-metrics.ts";
import type { NodeInfo } from "./node-info.ts";
import { Nominator } from "./nominator.ts";
import type { PodInfo } from "./pod-info.ts";
import { PodReports } from "./pod-reports.ts";
import { Preemption } from "./preemption.ts";
import type { Profile } from "./profile.ts";
import type { Question } from "./question.ts";
import { SchedulingQueue, type Waiting } from "./queue.ts";
import type { Write } from "./reservation.ts";
import { scheduleOne, scheduleWithExtenders } from "./schedule-one.ts";

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Upstream's defaults when absent. */
  readonly configuration?: Configuration;
  /** Told how long the decision about one pod took, in milliseconds. */
  attempted?(milliseconds: number): void;
  /** By HTTP when absent. */
  readonly askExtender?: AskExtender;
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
  readonly #nominator: Nominator;
  readonly #queue: SchedulingQueue;
  readonly #follower: ClusterFollower;
  readonly #binder: Binder;
  readonly #recorder: EventRecorder;
  readonly #reports: PodReports;
  readonly #preemption: Preemption;
  readonly #history: DecisionHistory;
  readonly #extenders: Extenders;
  readonly #metrics = new SchedulerMetrics();
  #turn = false;
  #start = 0;
  #running = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { client, clock, log, configuration = defaultConfiguration } = options;
    const { profiles, firstBackoffMilliseconds, longestBackoffMilliseconds } = configuration;
    this.#profiles = new Map(profiles.map((profile) => [profile.name, profile]));
    const sort = profiles[0]?.plugins.find(({ plugin }) => plugin.comesFirst)?.plugin;
    this.#queue = new SchedulingQueue({
      clock, firstBackoffMilliseconds, longestBackoffMilliseconds,
      ready: () => this.#wake(),
      comesFirst: (one, other) => sort?.comesFirst?.(one, other) ?? one.since < other.since,
      holdsBack: (pod) => this.#holdsBack(pod),
    });
    this.#informers = new ClusterInformers(client, { clock, failed: (error) => log("the scheduler cannot watch and goes on trying", error) });
    this.#cluster = new ClusterState(this.#informers);
    this.#nominator = new Nominator((name) => this.#cluster.touch(name));
    this.#cache = new SchedulerCache(this.#cluster);
    this.#recorder = new EventRecorder({ client, clock, component: "default-scheduler", failed: (error) => log("an event was lost", error) });
    this.#reports = new PodReports({ client, clock, recorder: this.#recorder, log });
    this.#history = new DecisionHistory(clock);
    this.#extenders = new Extenders(configuration.extenders, options.askExtender ?? askOverHttp);
    this.#binder = new Binder({ client, clock, cluster: this.#cluster, extenders: this.#extenders });
    this.#preemption = new Preemption({ client, reports: this.#reports, recorder: this.#recorder, log, finished: (uid) => this.#queue.release(uid) });
    const [informers, cluster, cache, nominator, queue] = [this.#informers, this.#cluster, this.#cache, this.#nominator, this.#queue];
    this.#follower = new ClusterFollower({ informers, cluster, cache, nominator, queue, profiles: this.#profiles });
  }

  /** Resolves when nodes and pods are known and placing begins. */
  async start(): Promise<void> {
    await this.#informers.start();
    this.#follower.start();
    this.#running = true;
    this.#queue.start();
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    this.#queue.stop();
    this.#informers.stop();
    this.#recorder.stop();
  }

  /** Why a pod is where it is, or nowhere; `undefined` where no decision about such a pod is remembered. */
  explain(namespace: string, name: string): Explanation | undefined {
    return this.#history.explain(namespace, name);
  }

  /** What it does and has done, in the Prometheus text format. */
  metricsText(): string {
    const refused = new Map<string, [string, string, number]>();
    for (const { pod, refusedBy } of this.#queue.unschedulable()) {
      const profile = pod.pod.spec.schedulerName;
      for (const plugin of refusedBy) refused.set(`${profile}|${plugin}`, [profile, plugin, (refused.get(`${profile}|${plugin}`)?.[2] ?? 0) + 1]);
    }
    const { pods, assumed } = this.#cache.sizes;
    const cache = { nodes: this.#cluster.nodes.length, pods, assumed_pods: assumed };
    return this.#metrics.text({ pending: this.#queue.sizes, refused: [...refused.values()], cache });
  }

  #holdsBack(pod: PodInfo): string | undefined {
    if (this.#preemption.isRunningFor(pod.uid)) return "waiting for the preemption for this pod to be finished";
    for (const { plugin } of this.#profiles.get(pod.pod.spec.schedulerName)?.plugins ?? []) {
      const reason = plugin.holdsBack?.(pod, this.#cluster);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #wake(): void {
    if (this.#turn || !this.#running) return;
    this.#turn = true;
    this.#options.clock.after(0, () => this.#decideSome());
  }

  #decideSome(): void {
    const { clock } = this.#options;
    const end = clock.monotonic() + turnMilliseconds;
    for (let decided = 0; decided < decisionsPerTurn && clock.monotonic() < end && this.#running; decided++) {
      const waiting = this.#queue.next();
      if (!waiting) return this.#endTurn(false);
      if (this.#extenders.areInterestedIn(waiting.pod)) return void this.#decideSlowly(waiting).then(() => this.#endTurn(true));
      this.#decide(waiting);
    }
    this.#endTurn(true);
  }

  #endTurn(more: boolean): void {
    this.#turn = false;
    if (more) this.#wake();
  }

  #decide(waiting: Waiting): void {
    const question = this.#questionOf(waiting);
    if (!question) return;
    const { clock, attempted } = this.#options;
    const started = clock.monotonic();
    try {
      const decision = scheduleOne(question);
      this.#metrics.decided((clock.monotonic() - started) / 1000);
      this.#carryOut(waiting, question, decision, started);
    } catch (error) {
      this.#failed(waiting, error as Error, started);
    }
    attempted?.(clock.monotonic() - started);
  }

  /** Others wait meanwhile, so that no room is given away twice. */
  async #decideSlowly(waiting: Waiting): Promise<void> {
    const question = this.#questionOf(waiting);
    if (!question) return;
    const started = this.#options.clock.monotonic();
    try {
      this.#carryOut(waiting, question, await scheduleWithExtenders(question, this.#extenders), started);
    } catch (error) {
      this.#failed(waiting, error as Error, started);
    }
  }

  /** It has nothing to do with nodes: the pod is tried again soon. */
  #failed(waiting: Waiting, error: Error, started: number): void {
    this.#count(waiting, "error", started);
    this.#queue.retry(waiting);
    void this.#reports.failed(waiting.pod.pod, error.message);
  }

  /** @param started when the attempt began, by the clock that never goes back, in milliseconds */
  #count({ pod }: Waiting, result: Result, started: number): void {
    this.#metrics.attempted(pod.pod.spec.schedulerName, result, (this.#options.clock.monotonic() - started) / 1000);
  }

  #questionOf({ pod }: Waiting): Question | undefined {
    const profile = this.#profiles.get(pod.pod.spec.schedulerName);
    if (!profile) return undefined;
    return { pod, cluster: this.#cluster, nominator: this.#nominator, profile, random: this.#options.random, start: this.#start };
  }

  #carryOut(waiting: Waiting, { pod, profile }: Question, decision: Decision, started: number): void {
    const count = this.#cluster.nodes.length;
    this.#start = count === 0 ? 0 : (this.#start + decision.looked) % count;
    this.#history.record(pod, decision, count);
    if (decision.outcome === "fits") return void this.#bind(waiting, decision.node, profile, started);
    this.#count(waiting, "unschedulable", started);
    this.#giveUp(waiting, decision);
  }

  async #bind(waiting: Waiting, node: NodeInfo, profile: Profile, started: number): Promise<void> {
    const { pod } = waiting;
    // It may have changed, and so have been put there again, while extenders were asked.
    this.#queue.remove(pod.uid);
    try {
      const reserved = this.#binder.reserve(pod, node, profile);
      this.#cache.assume(pod, node.name);
      this.#nominator.forget(pod.uid);
      await this.#binder.bind(pod, node, profile, reserved);
      this.#reports.scheduled(pod.pod, node.name);
      this.#count(waiting, "scheduled", started);
      this.#metrics.scheduled(waiting.attempts + 1, (this.#options.clock.now() - waiting.since) / 1000);
    } catch (error) {
      this.#bindingFailed(waiting, node, error as Error, started);
    }
  }

  #bindingFailed(waiting: Waiting, node: NodeInfo, error: Error, started: number): void {
    const { pod } = waiting;
    const { namespace, name } = pod.pod.metadata;
    const forgotten = this.#cache.forget(pod.uid);
    if (forgotten) this.#follower.changed({ what: "pod-removed", pod: forgotten });
    if (isNotFound(error) || this.#informers.pods.get(namespace, name)?.metadata.uid !== pod.uid) return;
    this.#options.log(`pod ${namespace}/${name} could not be bound to ${node.name} and is tried again`, error);
    this.#failed(waiting, error, started);
  }

  #giveUp(waiting: Waiting, { plugins, message, rescue, statusWrites }: Extract<Decision, { outcome: "unschedulable" }>): void {
    const { pod } = waiting;
    this.#queue.giveUp(waiting, plugins);
    if (rescue) this.#metrics.preempted(rescue.node === undefined ? 0 : rescue.victims.length);
    for (const write of statusWrites) void this.#writeStatus(write);
    if (rescue?.node === undefined) {
      if (rescue?.keepsNomination === false) this.#nominator.forget(pod.uid);
      void this.#reports.unschedulable(pod.pod, message, rescue?.keepsNomination === false ? "" : undefined);
      return;
    }
    for (const other of this.#nominator.on(rescue.node).values()) if (other.priority < pod.priority) this.#withdraw(other);
    this.#nominator.nominate(pod, rescue.node);
    void this.#reports.unschedulable(pod.pod, message, rescue.node);
    void this.#preemption.start(pod, rescue.node, rescue.victims);
  }

  async #writeStatus({ kind, object }: Write): Promise<void> {
    const { client, log } = this.#options;
    const { namespace, name } = object.metadata;
    await client.of(kind).updateStatus(object).catch((error: unknown) => {
      log(`the status of ${kind.kind} ${namespace}/${name} could not be written`, error as Error);
    });
  }

  /** The room that was being made for a pod goes to a more important one: it looks for another. */
  #withdraw(pod: PodInfo): void {
    this.#nominator.forget(pod.uid);
    this.#queue.activate(pod.uid);
    void this.#reports.withdrawNomination(pod.pod);
  }
}
