import type { Pod } from "#api/generated/core-v1.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import { abortable } from "./abortable.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { type AnyContainer, containerFieldPath, type ContainerRole, findContainer } from "./containers.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { ActionRunner } from "./lifecycle.ts";
import type { KillContainer, PendingWork, PodAction, ResizeContainers, StartContainer, StartFailure } from "./pod-plan.ts";
import { type BackOff, backOffAfterRestart } from "./restart.ts";
import type { ObservedPod } from "./runtime/observed.ts";
import { identityOf, PreparationError, type Runtime, StartError } from "./runtime/runtime.ts";

export type Events = Pick<EventRecorder, "event">;

export interface WorkTools {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly puller: ImagePuller;
  readonly actions: ActionRunner;
  readonly events: Events;
  /** Bounds how many sandboxes and containers are made at once on this node. */
  readonly starts: ConcurrencyLimit;
  /** Addresses of the node, the main one first. */
  readonly hostIPs: readonly string[];
}

const firstRetryMilliseconds = 1_000;
const longestRetryMilliseconds = 60_000;
/** How long a failed start is shown before it is tried again; a failed pull then waits as its own back-off says. */
const startRetryMilliseconds = 2_000;
const longestStartRetryMilliseconds = 10_000;
/** Every container gets at least this long to end by itself. */
const shortestGraceSeconds = 2;

/** Does the actions of one pod's plans, each once, and remembers what is under way and what failed. */
export class PodWork {
  readonly #tools: WorkTools;
  readonly #changed: () => void;
  readonly #starting = new Set<string>();
  readonly #stopping = new Set<string>();
  readonly #removing = new Set<string>();
  readonly backOffs = new Map<string, BackOff>();
  readonly failures = new Map<string, StartFailure>();
  #sandbox = false;
  #resizing = false;
  /** Why the last resize failed; undefined after one that did not. */
  resizeError: string | undefined;
  #parts: unknown;
  #preparing: Promise<void> = Promise.resolve();
  #prepared: "no" | "under way" | "yes" = "no";
  #retry = { wait: firstRetryMilliseconds, at: 0 };
  /** Starts happen one after the other, in the order of the plan. */
  #queue: Promise<void> = Promise.resolve();
  #abort = new AbortController();

  /** @param changed called when something was done: what was observed before is out of date */
  constructor(tools: WorkTools, changed: () => void) {
    this.#tools = tools;
    this.#changed = changed;
  }

  get pending(): PendingWork {
    return { sandbox: this.#sandbox, starting: new Set(this.#starting), stopping: new Set(this.#stopping), resizing: this.#resizing };
  }

  /** When something that failed for the pod as a whole is due again. */
  get retryAt(): number | undefined {
    return this.#retry.at > this.#tools.clock.now() ? this.#retry.at : undefined;
  }

  /** Does what a running pod needs, after everything that its containers need is there. */
  perform(pod: Pod, observed: ObservedPod, actions: readonly PodAction[]): void {
    // Volumes may tell of the pod's labels and annotations, and containers that are added may need more.
    if (this.#prepared !== "yes" || !equal(preparedParts(pod), this.#parts)) this.#prepare(pod);
    this.end(pod, observed, actions);
  }

  /** Does actions that need no preparation. */
  end(pod: Pod, observed: ObservedPod, actions: readonly PodAction[]): void {
    for (const action of actions) this.#begin(pod, observed, action);
  }

  /** Gives up starts under way: the pod is to end. */
  abortStarts(): void {
    this.#abort.abort();
  }

  /** The grace period became shorter: stops are to be asked for again. */
  hasten(): void {
    this.#stopping.clear();
  }

  #begin(pod: Pod, observed: ObservedPod, action: PodAction): void {
    const { runtime, starts } = this.#tools;
    switch (action.type) {
      case "createSandbox":
        if (this.#prepared !== "yes" || this.retryAt !== undefined) return;
        if (action.attempt > 0) this.#tell(pod, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        return void this.#createSandbox(pod, () => starts.run(() => runtime.createSandbox(pod, action.attempt)));
      case "stopSandbox":
        return void this.#endSandbox(pod, () => runtime.stopSandbox(action.sandbox.id));
      case "removeSandbox":
        return void this.#endSandbox(pod, () => runtime.removeSandbox(action.sandbox.id));
      case "startContainer":
        if (this.#prepared === "yes") this.#enqueue(pod, action);
        return;
      case "killContainer":
        return void this.#stop(pod, observed, action);
      case "removeContainer":
        return void this.#remove(action.container.id);
      case "resize":
        return void this.#resize(pod, action);
    }
  }

  #prepare(pod: Pod): void {
    if (this.#prepared === "under way" || this.retryAt !== undefined) return;
    this.#parts = preparedParts(pod);
    const preparing = this.#tools.runtime.prepare(pod);
    this.#prepared = preparing === undefined ? "yes" : "under way";
    if (preparing !== undefined) this.#preparing = this.#whenPrepared(pod, preparing);
  }

  #whenPrepared(pod: Pod, preparing: Promise<void>): Promise<void> {
    return preparing.then(
      () => {
        this.#prepared = "yes";
        this.#retry.wait = firstRetryMilliseconds;
        this.#changed();
      },
      (error: Error) => {
        this.#prepared = "no";
        this.#failed(pod, error instanceof PreparationError ? error.reason : "FailedMount", error.message);
      },
    );
  }

  async #createSandbox(pod: Pod, create: () => Promise<void>): Promise<void> {
    if (this.#sandbox) return;
    this.#sandbox = true;
    try {
      await create();
      this.#retry.wait = firstRetryMilliseconds;
    } catch (error) {
      this.#failed(pod, "FailedCreatePodSandBox", `Failed to create pod sandbox: ${(error as Error).message}`);
    }
    this.#sandbox = false;
    this.#changed();
  }

  async #endSandbox(pod: Pod, end: () => Promise<void>): Promise<void> {
    if (this.#sandbox) return;
    this.#sandbox = true;
    await this.#patiently(pod, end);
    this.#sandbox = false;
    this.#changed();
  }

  /** What ends things is tried again by the next plan; the pause keeps a runtime in trouble from being hammered. */
  async #patiently(pod: Pod, end: () => Promise<void>): Promise<void> {
    try {
      await end();
    } catch (error) {
      this.#tell(pod, "Warning", "FailedKillPod", `error killing pod: ${(error as Error).message}`);
      await sleep(this.#tools.clock, firstRetryMilliseconds);
    }
  }

  #failed(pod: Pod, reason: string, message: string): void {
    this.#tell(pod, "Warning", reason, message);
    const { wait } = this.#retry;
    this.#retry = { wait: Math.min(wait * 2, longestRetryMilliseconds), at: this.#tools.clock.now() + wait };
    this.#changed();
  }

  #enqueue(pod: Pod, action: StartContainer): void {
    const { name } = action.container;
    if (this.#starting.has(name) || this.#abort.signal.aborted) return;
    this.#starting.add(name);
    const { previous } = action;
    if (previous?.state === "Exited") {
      const finishedAt = previous.finishedAt ?? previous.createdAt;
      this.backOffs.set(name, backOffAfterRestart(this.backOffs.get(name), finishedAt, this.#tools.clock.now()));
    }
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#start(pod, action);
        this.failures.delete(name);
      } catch (error) {
        if (!this.#abort.signal.aborted) this.#startFailed(pod, action, error as Error);
      }
      this.#starting.delete(name);
      this.#changed();
    });
  }

  async #start(pod: Pod, { container, role, sandbox, attempt }: StartContainer): Promise<void> {
    const { runtime, puller, starts } = this.#tools;
    const { signal } = this.#abort;
    signal.throwIfAborted();
    const path = containerFieldPath(role, container.name);
    const image = await abortable(puller.ensure(pod, container, (type, reason, message) => this.#tell(pod, type, reason, message, path)), signal);
    const id = await starts.run(async () => {
      signal.throwIfAborted();
      const created = await runtime.createContainer({ pod, container, role, attempt, sandbox, image });
      this.#tell(pod, "Normal", "Created", "Container created", path);
      signal.throwIfAborted();
      await runtime.startContainer(created);
      return created;
    });
    this.#tell(pod, "Normal", "Started", "Container started", path);
    await this.#postStart(pod, container, role, id, sandbox.ips[0]);
  }

  async #postStart(pod: Pod, container: AnyContainer, role: ContainerRole, id: string, ip: string | undefined): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (hook === undefined) return;
    this.#changed();
    const target = { pod, container, containerId: id, address: ip ?? this.#tools.hostIPs[0] ?? "" };
    const { ok, output } = await abortable(this.#tools.actions.run(hook, target, 0), this.#abort.signal);
    if (ok) return;
    this.#tell(pod, "Warning", "FailedPostStartHook", `PostStartHook failed: ${output}`, containerFieldPath(role, container.name));
    await this.#tools.runtime.stopContainer(id, shortestGraceSeconds);
    throw new StartError("PostStartHookError", output);
  }

  #startFailed(pod: Pod, { container, role }: StartContainer, error: Error): void {
    const { clock, puller } = this.#tools;
    const reason = error instanceof StartError ? error.reason : "CreateContainerError";
    const said = reason === "ErrImagePull" || reason === "ImagePullBackOff" || reason === "ErrImageNeverPull" ? reason : error.message;
    this.#tell(pod, "Warning", "Failed", `Error: ${said}`, containerFieldPath(role, container.name));
    const now = clock.now();
    const before = this.failures.get(container.name);
    const wait = before?.reason === reason ? longestStartRetryMilliseconds : startRetryMilliseconds;
    const retryAt = reason === "ImagePullBackOff" ? puller.retryAt(pod, container) : now + wait;
    // A container that was made and then failed shows its end itself.
    if (reason === "PostStartHookError" || reason === "RunContainerError") this.failures.delete(container.name);
    else this.failures.set(container.name, { reason, message: error.message, retryAt });
  }

  async #stop(pod: Pod, observed: ObservedPod, { container, message, graceSeconds }: KillContainer): Promise<void> {
    if (this.#stopping.has(container.id)) return;
    this.#stopping.add(container.id);
    const { runtime, clock } = this.#tools;
    const found = findContainer(pod, container.name);
    const path = containerFieldPath(found?.role ?? "main", container.name);
    this.#tell(pod, "Normal", "Killing", message, path);
    const begun = clock.now();
    await this.#patiently(pod, async () => {
      await this.#preStop(pod, observed, container.id, found?.container, graceSeconds);
      const left = graceSeconds - Math.floor((clock.now() - begun) / 1000);
      await runtime.stopContainer(container.id, Math.max(left, shortestGraceSeconds));
    });
    this.#stopping.delete(container.id);
    this.#changed();
  }

  async #preStop(pod: Pod, observed: ObservedPod, containerId: string, container: AnyContainer | undefined, graceSeconds: number): Promise<void> {
    const hook = container?.lifecycle?.preStop;
    if (container === undefined || hook === undefined || graceSeconds <= 0) return;
    const address = observed.sandboxes[0]?.ips[0] ?? this.#tools.hostIPs[0] ?? "";
    const { ok, output } = await this.#tools.actions.run(hook, { pod, container, containerId, address }, graceSeconds);
    const path = containerFieldPath(findContainer(pod, container.name)?.role ?? "main", container.name);
    if (!ok) this.#tell(pod, "Warning", "FailedPreStopHook", `PreStopHook failed: ${output}`, path);
  }

  async #resize(pod: Pod, { containers }: ResizeContainers): Promise<void> {
    if (this.#resizing || this.retryAt !== undefined) return;
    this.#resizing = true;
    try {
      await this.#tools.runtime.resize(pod, containers);
      this.resizeError = undefined;
    } catch (error) {
      this.resizeError = (error as Error).message;
      this.#failed(pod, "ResizeError", this.resizeError);
    }
    this.#resizing = false;
    this.#changed();
  }

  async #remove(id: string): Promise<void> {
    if (this.#removing.has(id)) return;
    this.#removing.add(id);
    await this.#tools.runtime.removeContainer(id).catch(() => undefined);
    this.#removing.delete(id);
    this.#changed();
  }

  /** Takes away what preparations made. Returns whether that is done; if not, it is to be tried again. */
  async release(pod: Pod): Promise<boolean> {
    await this.#preparing;
    try {
      await this.#tools.runtime.release(identityOf(pod));
      return true;
    } catch (error) {
      this.#failed(pod, "FailedUnmount", (error as Error).message);
      return false;
    }
  }

  #tell(pod: Pod, type: "Normal" | "Warning", reason: string, message: string, path?: string): void {
    this.#tools.events.event(pod, type, reason, message, path);
  }
}

/** What of a pod may change while it runs and calls for new preparations. */
function preparedParts({ metadata, spec }: Pod): unknown {
  return { labels: metadata.labels, annotations: metadata.annotations, ephemeral: spec.ephemeralContainers?.length };
}
