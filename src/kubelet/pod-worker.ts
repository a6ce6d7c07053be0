import type { Pod, PodStatus } from "#api/generated/core-v1.ts";
import type { Timer } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import { parseTime } from "#machinery/time.ts";
import type { PodProbes, ProbesFactory } from "./lifecycle.ts";
import { isEcho } from "./echo.ts";
import { kubeletConditionTypes } from "./pod-conditions.ts";
import type { PodPlan } from "./pod-plan.ts";
import { podStatus, rejectedStatus } from "./pod-status.ts";
import { PodWork, type WorkTools } from "./pod-work.ts";
import { isResizing, type ResizeRefusal, type ResizeState, withGivenResources } from "./resize.ts";
import { nothingOf, type ObservedPod } from "./runtime/observed.ts";
import { identityOf } from "./runtime/runtime.ts";
import type { StatusWriter } from "./status-writer.ts";
import { syncPod } from "./sync-pod.ts";
import { planTermination } from "./terminate-pod.ts";

export interface WorkerTools extends WorkTools {
  readonly probes: ProbesFactory;
  readonly status: Pick<StatusWriter, "set" | "finish">;
  /** Why the node does not give the pod what it wants by now. */
  readonly resizeRefusal: (pod: Pod) => ResizeRefusal | undefined;
  /** Such as `containerd`. */
  readonly runtimeName: string;
  /** Nothing of the pod is left, neither here nor in the API. */
  readonly finished: (podUid: string) => void;
}

interface Failure {
  readonly reason: string;
  readonly message: string;
}

/** How a pod ends. */
interface Ending {
  readonly deadline: number;
  readonly failure: Failure | undefined;
}

const observeRetryMilliseconds = 1_000;
const releaseRetryMilliseconds = 1_000;
/** A resize for which there is no room yet is tried again so soon. */
const deferredMilliseconds = 10_000;

/**
 * Brings one pod to where it should be, and its status to the API. Woken by the API, the runtime, probes and time; each time it
 * looks at everything anew, so a missed or a doubled wake does no harm.
 *
 *     running ── deleted, deadline passed, all containers done ──► ending ── nothing runs ──► released ── gone from the API ──► finished
 */
export class PodWorker {
  readonly #tools: WorkerTools;
  readonly #work: PodWork;
  readonly #probes: PodProbes;
  #pod: Pod;
  #status: PodStatus | undefined;
  #observed: ObservedPod;
  #stale = true;
  #ending: Ending | undefined;
  #rejection: Failure | undefined;
  #resize: ResizeState | undefined;
  #released: "no" | "under way" | "yes" = "no";
  #gone = false;
  #finished = false;
  #syncing = false;
  #again = false;
  #timer: Timer | undefined;

  constructor(pod: Pod, tools: WorkerTools) {
    this.#pod = pod;
    this.#tools = tools;
    this.#observed = nothingOf(pod);
    this.#work = new PodWork(tools, () => this.changed());
    this.#probes = tools.probes(pod, () => this.#wake());
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** As last computed: what `/pods` shows. */
  get status(): PodStatus {
    return this.#status ?? this.#pod.status;
  }

  get observed(): ObservedPod {
    return this.#observed;
  }

  /** As it counts on the node: without what it wants and is not given. */
  get counted(): Pod {
    return this.#resize?.refusal === undefined ? this.#pod : withGivenResources(this.#pod, this.#observed);
  }

  /** Whether the pod has a claim on the node's resources. */
  get isActive(): boolean {
    return this.#rejection === undefined && this.#released === "no" && this.status.phase !== "Succeeded" && this.status.phase !== "Failed";
  }

  /** The API has a new version of the pod. One that only says what we told calls for nothing. */
  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (this.#status === undefined || !isEcho(pod, before, this.#status)) this.#wake();
  }

  /** The node does not take the pod. Nothing of it is ever started. */
  reject(reason: string, message: string): void {
    this.#rejection = { reason, message };
    this.#wake();
  }

  /** The pod is gone from the API: what is left of it here must go. @param last as it was when it went, which says how long it may take */
  remove(last: Pod = this.#pod): void {
    this.#pod = last;
    this.#gone = true;
    this.#wake();
  }

  /** Something stands otherwise than before. */
  changed(): void {
    this.#stale = true;
    this.#wake();
  }

  /** Leaves everything as it stands: the kubelet stops. */
  stop(): void {
    this.#finished = true;
    this.#timer?.cancel();
    this.#probes.stop();
  }

  #wake(): void {
    if (this.#finished) return;
    this.#again = true;
    if (!this.#syncing) void this.#syncAll();
  }

  async #syncAll(): Promise<void> {
    this.#syncing = true;
    while (this.#again && !this.#finished) {
      this.#again = false;
      await this.#sync();
    }
    this.#syncing = false;
  }

  async #sync(): Promise<void> {
    if (this.#rejection !== undefined) return this.#turnAway(this.#rejection);
    if (this.#stale && !await this.#observe()) return;
    if (this.#finished) return;
    const { starting } = this.#work.pending;
    this.#probes.update(this.#withStatus(), this.#observed, starting);
    const ending = this.#dueEnding();
    if (ending !== undefined) this.#beginEnding(ending);
    if (this.#ending === undefined) this.#run();
    else await this.#end(this.#ending);
  }

  async #observe(): Promise<boolean> {
    this.#stale = false;
    try {
      this.#observed = await this.#tools.runtime.observe(identityOf(this.#pod));
      return true;
    } catch {
      this.#stale = true;
      this.#wakeAt(this.#tools.clock.now() + observeRetryMilliseconds);
      return false;
    }
  }

  #run(): void {
    const { clock } = this.#tools;
    const pod = this.#withStatus();
    const { backOffs, failures, pending, resizeError: error } = this.#work;
    this.#resize = isResizing(pod, this.#observed) ? { refusal: this.#tools.resizeRefusal(pod), error } : undefined;
    const refusal = this.#resize?.refusal;
    const health = this.#probes.health;
    const plan = syncPod({ pod, observed: this.#observed, health, backOffs, failures, pending, mayResize: !refusal, now: clock.now() });
    if (plan.completed) {
      this.#beginEnding({ deadline: clock.now() + pod.spec.terminationGracePeriodSeconds * 1000, failure: undefined });
      this.#again = true;
      return;
    }
    this.#tellBackOff(pod, plan);
    this.#work.perform(pod, this.#observed, plan.actions);
    this.#publish({ waiting: plan.waiting, ended: false });
    const again = refusal?.reason === "Deferred" ? clock.now() + deferredMilliseconds : undefined;
    this.#wakeAt(plan.wakeAt, this.#work.retryAt, this.#activeDeadline(), again);
  }

  /** Why the pod must end now, if it must: the API says so, or its own deadline has passed. */
  #dueEnding(): Ending | undefined {
    const { metadata, spec, status } = this.#pod;
    const now = this.#tools.clock.now();
    if (this.#gone || metadata.deletionTimestamp !== undefined) {
      return { deadline: now + (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds) * 1000, failure: undefined };
    }
    if (this.#ending !== undefined) return undefined;
    const deadline = this.#activeDeadline();
    if (deadline !== undefined && deadline <= now) {
      const failure = { reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" };
      this.#tools.events.event(this.#pod, "Normal", failure.reason, failure.message);
      return { deadline: now + spec.terminationGracePeriodSeconds * 1000, failure };
    }
    const isOver = status.phase === "Succeeded" || status.phase === "Failed";
    return isOver ? { deadline: now + spec.terminationGracePeriodSeconds * 1000, failure: undefined } : undefined;
  }

  #beginEnding(ending: Ending): void {
    const before = this.#ending;
    if (before === undefined) {
      this.#ending = ending;
      this.#work.abortStarts();
    } else if (ending.deadline < before.deadline - 1_000) {
      this.#ending = { ...before, deadline: ending.deadline };
      this.#work.hasten();
    }
  }

  async #end(ending: Ending): Promise<void> {
    const { clock } = this.#tools;
    const pod = this.#withStatus();
    const plan = planTermination({ pod, observed: this.#observed, pending: this.#work.pending, deadline: ending.deadline, now: clock.now() });
    if (plan.actions.length > 0) this.#work.end(pod, this.#observed, plan.actions);
    this.#publish({ waiting: new Map(), ended: plan.stopped, failure: ending.failure });
    this.#wakeAt(this.#work.retryAt);
    if (!plan.stopped) return;
    this.#probes.stop();
    if (!await this.#release(pod)) return;
    if (this.#gone) await this.#removeRest();
    else if (pod.metadata.deletionTimestamp !== undefined) this.#tools.status.finish(pod);
  }

  async #release(pod: Pod): Promise<boolean> {
    if (this.#released === "yes") return true;
    this.#released = "under way";
    if (await this.#work.release(pod)) {
      this.#released = "yes";
      return true;
    }
    this.#wakeAt(this.#tools.clock.now() + releaseRetryMilliseconds);
    return false;
  }

  async #removeRest(): Promise<void> {
    try {
      await this.#tools.runtime.forget(identityOf(this.#pod));
      this.stop();
      this.#tools.finished(this.#pod.metadata.uid);
    } catch {
      this.#wakeAt(this.#tools.clock.now() + releaseRetryMilliseconds);
    }
  }

  #turnAway({ reason, message }: Failure): void {
    const { status, clock, finished } = this.#tools;
    if (this.#gone) {
      this.stop();
      return finished(this.#pod.metadata.uid);
    }
    this.#status = rejectedStatus(this.#pod, reason, message, clock.now());
    status.set(this.#pod, this.#status);
    if (this.#pod.metadata.deletionTimestamp !== undefined) status.finish(this.#pod);
  }

  /** The pod with the status that we last computed, and others' conditions as the API has them. */
  #withStatus(): Pod {
    if (this.#status === undefined) return this.#pod;
    const others = (this.#pod.status.conditions ?? []).filter(({ type }) => !kubeletConditionTypes.includes(type));
    const own = (this.#status.conditions ?? []).filter(({ type }) => kubeletConditionTypes.includes(type));
    return { ...this.#pod, status: { ...this.#status, conditions: [...own, ...others] } };
  }

  #publish(state: { waiting: PodPlan["waiting"]; ended: boolean; failure?: Failure | undefined }): void {
    if (this.#gone) return;
    const { runtimeName, hostIPs, clock, status } = this.#tools;
    const { starting } = this.#work.pending;
    const { waiting, ended, failure } = state;
    const next = podStatus({
      pod: this.#withStatus(), observed: this.#observed, health: this.#probes.health, waiting, starting, ended, runtimeName, hostIPs,
      now: clock.now(), ...(failure === undefined ? {} : { failure }), ...(this.#resize === undefined ? {} : { resize: this.#resize }),
    });
    if (equal(next, this.#status)) return;
    this.#status = next;
    status.set(this.#pod, next);
  }

  #tellBackOff(pod: Pod, plan: PodPlan): void {
    for (const [name, { reason }] of plan.waiting) {
      const list = this.status.containerStatuses ?? [];
      const known = [...list, ...this.status.initContainerStatuses ?? []].find((status) => status.name === name);
      if (reason !== "CrashLoopBackOff" || known?.state.waiting?.reason === reason) continue;
      const path = list.some((status) => status.name === name) ? `spec.containers{${name}}` : `spec.initContainers{${name}}`;
      const { namespace, uid } = pod.metadata;
      const message = `Back-off restarting failed container ${name} in pod ${pod.metadata.name}_${namespace}(${uid})`;
      this.#tools.events.event(pod, "Warning", "BackOff", message, path);
    }
  }

  #activeDeadline(): number | undefined {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined) return undefined;
    const start = parseTime(this.status.startTime ?? "");
    return start === undefined ? undefined : start + activeDeadlineSeconds * 1000;
  }

  /** Wakes at the earliest of these instants; replaces the wish before. */
  #wakeAt(...instants: readonly (number | undefined)[]): void {
    this.#timer?.cancel();
    const at = Math.min(...instants.map((each) => each ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(at)) return void (this.#timer = undefined);
    this.#timer = this.#tools.clock.after(Math.max(0, at - this.#tools.clock.now()), () => this.#wake());
  }
}
