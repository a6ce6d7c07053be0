import type { Pod } from "#api/generated/core-v1.ts";
import { formatDuration } from "#machinery/duration.ts";
import { type AnyContainer, containerHash, type ContainerRole, containersOf, ephemeralContainer } from "./containers.ts";
import type { PendingWork, PodAction, PodHealth, PodPlan, StartFailure, Waiting } from "./pod-plan.ts";
import { isToBeResized, restartsForResize } from "./resize.ts";
import { type BackOff, restartDueAt, shouldRestart } from "./restart.ts";
import { currentSandbox, isLive, latestContainer, type ObservedContainer, type ObservedPod, type ObservedSandbox } from "./runtime/observed.ts";
import type { ContainerResize } from "./runtime/runtime.ts";

export interface SyncInput {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly health: PodHealth;
  /** By container name. */
  readonly backOffs: ReadonlyMap<string, BackOff>;
  /** Containers whose start failed before they ran, by name. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  readonly pending: PendingWork;
  /** Whether the node has what the pod wants by now; true when absent. */
  readonly mayResize?: boolean;
  readonly now: number;
}

/** How many ended instances of a container are kept, for their logs and for `lastState`. */
const keptInstances = 1;

/**
 * What to do so that a pod runs as it should. Pure: the same wants, observations and instant give the same plan.
 * For pods that are to run; `planTermination` is for those that are to end.
 */
export function syncPod(input: SyncInput): PodPlan {
  const plan = new Plan(input);
  const sandbox = usableSandbox(input);
  if (sandbox === undefined) planSandbox(plan);
  else planContainers(plan, sandbox);
  planRemovals(plan);
  return plan.finish();
}

/** A sandbox without an address is of no use, unless the pod uses the host's network. */
function usableSandbox({ pod, observed }: SyncInput): ObservedSandbox | undefined {
  const sandbox = currentSandbox(observed);
  if (sandbox === undefined) return undefined;
  return pod.spec.hostNetwork === true || sandbox.ips.length > 0 ? sandbox : undefined;
}

function planSandbox(plan: Plan): void {
  const { pod, observed, pending } = plan.input;
  if (pending.sandbox) return plan.expectMore();
  const live = observed.containers.filter(isLive);
  const graceSeconds = pod.spec.terminationGracePeriodSeconds;
  for (const container of live) plan.kill(container, `Stopping container ${container.name}`, graceSeconds);
  if (observed.sandboxes.length > 0 && !wouldRunAgain(plan.input)) return;
  plan.expectMore();
  const stale = observed.sandboxes.filter((sandbox) => sandbox.ready);
  for (const sandbox of stale) plan.add({ type: "stopSandbox", sandbox });
  if (live.length > 0 || stale.length > 0) return;
  plan.add({ type: "createSandbox", attempt: (observed.sandboxes[0]?.attempt ?? -1) + 1 });
}

/** Whether any container would still run, had the pod a sandbox. */
function wouldRunAgain({ pod, observed }: SyncInput): boolean {
  // A pod that never restarts is over when it loses its sandbox after a container ran in it.
  const anyRan = observed.containers.length > 0;
  const mayRestart = pod.spec.restartPolicy !== "Never" || containersOf(pod).some(({ container }) => container.restartPolicy !== undefined);
  if (anyRan && !mayRestart) return false;
  return pod.spec.containers.some((container) => {
    const latest = latestContainer(observed, container.name);
    return latest === undefined || latest.state !== "Exited" || shouldRestart(pod, container, "main", latest);
  });
}

function planContainers(plan: Plan, sandbox: ObservedSandbox): void {
  const { pod, observed } = plan.input;
  for (const container of observed.containers) {
    if (isLive(container) && container.sandboxId !== sandbox.id) {
      plan.kill(container, `Stopping container ${container.name}`, pod.spec.terminationGracePeriodSeconds);
      plan.expectMore();
    }
  }
  for (const container of (pod.spec.ephemeralContainers ?? []).map(ephemeralContainer)) {
    if (latestContainer(observed, container.name) === undefined) plan.start(container, "ephemeral", sandbox, undefined);
  }
  if (!planInitContainers(plan, sandbox)) return;
  for (const container of pod.spec.containers) planContainer(plan, sandbox, container, "main", latestContainer(observed, container.name));
}

/** Returns whether the main containers may start. */
function planInitContainers(plan: Plan, sandbox: ObservedSandbox): boolean {
  const { pod, observed } = plan.input;
  const here = (name: string): ObservedContainer | undefined =>
    observed.containers.find((container) => container.name === name && container.sandboxId === sandbox.id);
  const containers = pod.spec.initContainers ?? [];
  const initialized = pod.spec.containers.some((container) => here(container.name) !== undefined);
  const furthest = containers.findLastIndex((container) => here(container.name) !== undefined);
  for (const [index, container] of containers.entries()) {
    const latest = here(container.name);
    if (container.restartPolicy === "Always") {
      planContainer(plan, sandbox, container, "sidecar", latest);
      if (initialized || isStarted(plan.input, container, latest)) continue;
      plan.expectMore();
      return false;
    }
    if (initialized || index < furthest) continue;
    if (latest?.state === "Exited" && latest.exitCode === 0) continue;
    if (latest?.state === "Running") plan.expectMore();
    else planContainer(plan, sandbox, container, "init", latest);
    return false;
  }
  return true;
}

function isStarted(input: SyncInput, container: AnyContainer, latest: ObservedContainer | undefined): boolean {
  if (latest?.state !== "Running" || input.pending.starting.has(container.name)) return false;
  return container.startupProbe === undefined || input.health.get(latest.id)?.startup === true;
}

/** Starts a container that should run, restarts one that ended, ends one that is unwell or out of date. */
function planContainer(
  plan: Plan, sandbox: ObservedSandbox, container: AnyContainer, role: ContainerRole, latest: ObservedContainer | undefined,
): void {
  const { pod } = plan.input;
  if (latest === undefined) return plan.start(container, role, sandbox, undefined);
  const outOfDate = latest.hash !== containerHash(container);
  if (latest.state === "Running" && latest.sandboxId === sandbox.id) {
    plan.expectMore(role);
    const trouble = outOfDate ? { why: "definition changed", graceSeconds: undefined } : failedProbe(plan.input, container, latest);
    if (trouble === undefined) return planResize(plan, container, latest);
    const graceSeconds = trouble.graceSeconds ?? pod.spec.terminationGracePeriodSeconds;
    return plan.kill(latest, `Container ${container.name} ${trouble.why}, will be restarted`, graceSeconds);
  }
  if (isLive(latest)) {
    plan.expectMore(role);
    return plan.kill(latest, `Container is in unknown state, try killing it before restart`, pod.spec.terminationGracePeriodSeconds);
  }
  if (outOfDate) return plan.start(container, role, sandbox, latest);
  if (shouldRestart(pod, container, role, latest)) plan.restart(container, role, sandbox, latest);
}

function planResize(plan: Plan, container: AnyContainer, running: ObservedContainer): void {
  const { pod, mayResize = true } = plan.input;
  if (!mayResize || !isToBeResized(container, running)) return;
  if (!restartsForResize(container, running)) return plan.resize(container, running);
  plan.kill(running, `Container ${container.name} resize requires restart`, pod.spec.terminationGracePeriodSeconds);
}

interface Trouble {
  readonly why: string;
  readonly graceSeconds: number | undefined;
}

function failedProbe(input: SyncInput, { startupProbe, livenessProbe }: AnyContainer, running: ObservedContainer): Trouble | undefined {
  const health = input.health.get(running.id);
  if (health?.startup === false) return { why: "failed startup probe", graceSeconds: startupProbe?.terminationGracePeriodSeconds };
  if (health?.liveness === false) return { why: "failed liveness probe", graceSeconds: livenessProbe?.terminationGracePeriodSeconds };
  return undefined;
}

/** Forgets instances that are older than the kept ones, and the sandboxes that nothing is left in. */
function planRemovals(plan: Plan): void {
  const { observed, pending } = plan.input;
  const seen = new Map<string, number>();
  const kept = new Set<string>();
  for (const container of observed.containers) {
    const newer = seen.get(container.name) ?? 0;
    seen.set(container.name, newer + 1);
    if (newer <= keptInstances || isLive(container)) kept.add(container.sandboxId);
    else plan.add({ type: "removeContainer", container });
  }
  if (pending.sandbox) return;
  for (const sandbox of observed.sandboxes.slice(1)) {
    if (!sandbox.ready && !kept.has(sandbox.id)) plan.add({ type: "removeSandbox", sandbox });
  }
}

/** Collects a plan; leaves alone what is under way already. */
class Plan {
  readonly input: SyncInput;
  readonly #actions: PodAction[] = [];
  readonly #waiting = new Map<string, Waiting>();
  readonly #resizes: ContainerResize[] = [];
  #wakeAt: number | undefined;
  #completed = true;

  constructor(input: SyncInput) {
    this.input = input;
    if (input.pending.starting.size > 0) this.expectMore();
  }

  add(action: PodAction): void {
    this.#actions.push(action);
  }

  /** Something still runs or will. Sidecars and ephemeral containers alone do not keep a pod from being over. */
  expectMore(role: ContainerRole = "main"): void {
    if (role === "main" || role === "init") this.#completed = false;
  }

  kill(container: ObservedContainer, message: string, graceSeconds: number): void {
    if (!this.input.pending.stopping.has(container.id)) this.add({ type: "killContainer", container, message, graceSeconds });
  }

  resize(container: AnyContainer, { id }: ObservedContainer): void {
    this.#resizes.push({ id, container });
  }

  start(container: AnyContainer, role: ContainerRole, sandbox: ObservedSandbox, previous: ObservedContainer | undefined): void {
    this.expectMore(role);
    const { observed, failures, now, pending } = this.input;
    const failure = failures.get(container.name);
    if (failure !== undefined) this.#waiting.set(container.name, { reason: failure.reason, message: failure.message });
    if (pending.starting.has(container.name)) return;
    if (failure !== undefined && failure.retryAt > now) return this.#wake(failure.retryAt);
    const attempt = (latestContainer(observed, container.name)?.attempt ?? -1) + 1;
    this.add({ type: "startContainer", container, role, sandbox, attempt, previous });
  }

  restart(container: AnyContainer, role: ContainerRole, sandbox: ObservedSandbox, ended: ObservedContainer): void {
    this.expectMore(role);
    const { pod, backOffs, now, pending } = this.input;
    const finishedAt = ended.finishedAt ?? ended.createdAt;
    const backOff = backOffs.get(container.name);
    const dueAt = restartDueAt(backOff, finishedAt);
    if (dueAt <= now || pending.starting.has(container.name)) return this.start(container, role, sandbox, ended);
    const { name, namespace, uid } = pod.metadata;
    const delay = formatDuration(dueAt - finishedAt);
    this.#waiting.set(container.name, {
      reason: "CrashLoopBackOff",
      message: `back-off ${delay} restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`,
    });
    this.#wake(dueAt);
  }

  finish(): PodPlan {
    if (this.#resizes.length > 0 && !this.input.pending.resizing) this.add({ type: "resize", containers: this.#resizes });
    return { actions: this.#actions, waiting: this.#waiting, wakeAt: this.#wakeAt, completed: this.#completed };
  }

  #wake(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt ?? at, at);
  }
}
