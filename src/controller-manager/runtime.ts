import type { Informer } from "#client/informer.ts";
import { WorkQueue } from "#client/work-queue.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { isNamespaceTerminating, isOutdated } from "./refusals.ts";
import type { Caches, Controller, ControllerContext, EventOf, EventWish, Outcome, Runnable, Write } from "./controller.ts";

const workersByDefault = 5;
/** Reconciling waits at most this long for the caches to show the last writes; then it looks anyway. */
const longestCatchUpMilliseconds = 5_000;

/** Decisions that take less are made as often as there is something new. */
const noticeableMilliseconds = 1;
/** Those that take more get a twentieth of the time at most. */
const restPerWork = 19;
const longestRestMilliseconds = 1_000;

/** Makes a runnable of a declared controller. */
export function defineController<T extends KubeObject, World>(controller: Controller<T, World>): Runnable {
  return {
    name: controller.name,
    ...(controller.account === undefined ? {} : { account: controller.account }),
    permissions: controller.permissions,
    start: (context) => new Loop(controller, context).start(),
  };
}

/** Keys of the controlling owner, where it is of this kind. For `Watched.keys`. */
export function controlledBy(kind: KindReference): (object: KubeObject) => string[] {
  return (object) => {
    const owner = controllerOf(object);
    const isOfKind = owner?.kind === kind.kind && groupOf(owner.apiVersion) === kind.group;
    return isOfKind ? [keyOf(kind.namespaced ? object.metadata.namespace : "", owner.name)] : [];
  };
}

export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** A write that the caches have yet to show. */
interface Unseen {
  readonly kind: KindReference;
  readonly resourceVersion: string;
}

class Loop<T extends KubeObject, World> {
  readonly #controller: Controller<T, World>;
  readonly #context: ControllerContext;
  readonly #queue: WorkQueue;
  readonly #primary: Informer<T>;
  readonly #caches: Caches;
  /** What its decisions go by. */
  readonly #watched: ReadonlySet<string>;
  readonly #unseen = new Map<string, Unseen[]>();
  readonly #unsubscribe: (() => void)[] = [];

  constructor(controller: Controller<T, World>, context: ControllerContext) {
    this.#controller = controller;
    this.#context = context;
    this.#queue = new WorkQueue({ clock: context.clock });
    this.#primary = context.informer(controller.kind);
    this.#caches = { of: (kind) => context.informer(kind) };
    this.#watched = new Set([controller.kind, ...(controller.watches ?? []).map(({ kind }) => kind)].map(resourceOf));
  }

  start(): () => void {
    const watched = this.#controller.watches ?? [];
    const informers = [this.#primary, ...watched.map(({ kind }) => this.#context.informer(kind))];
    this.#unsubscribe.push(this.#primary.subscribe(({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))));
    for (const { kind, keys, matters } of watched) {
      const unsubscribe = this.#context.informer(kind).subscribe((change) => {
        if (change.type === "updated" && matters?.(change.before, change.object) === false) return;
        const woken = new Set(keys(change.object, this.#caches));
        if (change.type === "updated") for (const key of keys(change.before, this.#caches)) woken.add(key);
        for (const key of woken) this.#queue.add(key);
      });
      this.#unsubscribe.push(unsubscribe);
    }
    void Promise.all(informers.map((informer) => informer.synced())).then(() => this.#run());
    return () => this.#stop();
  }

  async #run(): Promise<void> {
    const failed = (key: string, error: Error): void => {
      if (!isOutdated(error)) this.#context.log(`${this.#controller.name}: ${key} failed and is retried`, error);
    };
    await this.#queue.run(this.#controller.workers ?? workersByDefault, (key) => this.#work(key), failed);
  }

  #stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#queue.stop();
  }

  async #work(key: string): Promise<void> {
    await this.#catchUp(key);
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const object = this.#primary.get(namespace, name);
    if (object) {
      await this.#apply(key, object, this.#decide(key, object));
    } else if (this.#controller.gone) {
      await this.#apply(key, undefined, this.#controller.gone(namespace, name, this.#caches));
    }
  }

  /** A decision about 10,000 pods takes a while: it is not made anew for each of them that changes, but for all that did meanwhile. */
  #decide(key: string, object: T): Outcome {
    const { clock } = this.#context;
    const begun = clock.monotonic();
    const outcome = this.#controller.reconcile(object, this.#controller.observe(object, this.#caches), clock.now());
    const took = clock.monotonic() - begun;
    if (took >= noticeableMilliseconds) this.#queue.rest(key, Math.min(took * restPerWork, longestRestMilliseconds));
    return outcome;
  }

  /** Waits until the caches show what this key's last reconciliation wrote. */
  async #catchUp(key: string): Promise<void> {
    const unseen = this.#unseen.get(key);
    if (!unseen) return;
    this.#unseen.delete(key);
    const reached = Promise.all(unseen.map(({ kind, resourceVersion }) => this.#context.informer(kind).reached(resourceVersion)));
    let giveUp: () => void = () => undefined;
    const timer = this.#context.clock.after(longestCatchUpMilliseconds, () => giveUp());
    await Promise.race([reached, new Promise<void>((resolve) => (giveUp = resolve))]);
    timer.cancel();
  }

  async #apply(key: string, object: T | undefined, outcome: Outcome): Promise<void> {
    for (const event of outcome.events ?? []) this.#record(object, event);
    if (outcome.requeueAfterMilliseconds !== undefined) this.#queue.addAfter(key, outcome.requeueAfterMilliseconds);
    const round: Round = { key, object, versions: new Map(), failed: undefined };
    try {
      for (const step of outcome.writes ?? []) {
        if (isTogether(step)) await this.#writeTogether(round, step);
        else await this.#write(round, step);
      }
    } catch (error) {
      const consequences = (round.failed && outcome.failed?.(error as Error, round.failed)) ?? [];
      for (const write of consequences) await this.#write(round, write);
      throw error;
    }
  }

  /** One first, then ever twice as many: where a quota or a webhook refuses, few requests are wasted. */
  async #writeTogether(round: Round, writes: readonly Write[]): Promise<void> {
    for (let from = 0, size = 1; from < writes.length; from += size, size = Math.min(size * 2, 256)) {
      const results = await Promise.allSettled(writes.slice(from, from + size).map((write) => this.#write(round, write)));
      const failure = results.find((result) => result.status === "rejected");
      if (failure) throw failure.reason;
    }
  }

  async #write(round: Round, write: Write): Promise<void> {
    try {
      const written = await this.#send(inLatestVersion(write, round));
      if (written) this.#expect(round.key, write.kind, written);
      if (written && "object" in write) round.versions.set(idOf(write.kind, written), written.metadata.resourceVersion);
      const happened = eventOf(write);
      if (happened) this.#recordWrite(round.object, "Normal", happened, written?.metadata.name ?? ("name" in write ? write.name : ""));
    } catch (error) {
      if (write.do === "delete" && isNotFound(error)) return;
      if (write.do === "create" && isNamespaceTerminating(error)) return;
      round.failed ??= write;
      if ("failed" in write && write.failed) this.#recordWrite(round.object, "Warning", write.failed, (error as Error).message);
      throw error;
    }
  }

  #expect(key: string, kind: KindReference, { metadata: { resourceVersion } }: KubeObject): void {
    if (!this.#watched.has(resourceOf(kind))) return;
    const others = (this.#unseen.get(key) ?? []).filter((one) => resourceOf(one.kind) !== resourceOf(kind) || !isAtLeast(resourceVersion, one));
    this.#unseen.set(key, [...others, { kind, resourceVersion }]);
  }

  async #send(write: Write): Promise<KubeObject | undefined> {
    const resource = this.#context.client.of(write.kind);
    switch (write.do) {
      case "create":
        return resource.create(write.object);
      case "update":
        return resource.update(write.object);
      case "updateStatus":
        return resource.updateStatus(write.object);
      case "patch":
        return resource.patch(write.namespace, write.name, write.type, write.patch, undefined, write.subresource);
      case "delete":
        return resource.delete(write.namespace, write.name, write.options);
    }
  }

  #recordWrite(object: KubeObject | undefined, type: "Normal" | "Warning", { reason, message }: EventOf, detail: string): void {
    this.#record(object, { type, reason, message: message(detail) });
  }

  #record(object: KubeObject | undefined, event: EventWish): void {
    const about = event.about ?? object;
    if (about) this.#context.recorder.event(about, event.type, event.reason, event.message);
  }
}

/** One application of an outcome. */
interface Round {
  readonly key: string;
  readonly object: KubeObject | undefined;
  /** The first write that failed. */
  failed: Write | undefined;
  /** The resourceVersions of what this round has written, by object. */
  readonly versions: Map<string, string>;
}

/** A second write of an object builds on the first one's result, for nobody else's change was in between. */
function inLatestVersion(write: Write, { versions }: Round): Write {
  if (write.do !== "update" && write.do !== "updateStatus") return write;
  const resourceVersion = versions.get(idOf(write.kind, write.object));
  if (resourceVersion === undefined) return write;
  return { ...write, object: { ...write.object, metadata: { ...write.object.metadata, resourceVersion } } };
}

function eventOf(write: Write): EventOf | undefined {
  switch (write.do) {
    case "create": return write.created;
    case "update": return write.updated;
    case "delete": return write.deleted;
    default: return undefined;
  }
}

function resourceOf({ group, plural }: KindReference): string {
  return `${group}/${plural}`;
}

function idOf(kind: KindReference, { metadata }: KubeObject): string {
  return `${resourceOf(kind)}/${keyOf(metadata.namespace, metadata.name)}`;
}

/** Decimal numbers of any length, without leading zeros. */
function isAtLeast(version: string, { resourceVersion }: Unseen): boolean {
  return version.length === resourceVersion.length ? version >= resourceVersion : version.length > resourceVersion.length;
}

function isTogether(step: Write | readonly Write[]): step is readonly Write[] {
  return Array.isArray(step);
}
