import type { KubeObject } from "#machinery/kind.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { allow } from "../rules.ts";
import type { ServedKind, ServedKinds } from "../served-kinds.ts";
import { Collector } from "./garbage-collector/collector.ts";
import { Graph, itemOf, standsAlike } from "./garbage-collector/graph.ts";
import { Owners } from "./garbage-collector/owners.ts";

/** A kind that comes later is waited for so long; one that cannot be listed must not hold up all others. */
const longestWaitMilliseconds = 30_000;

/**
 * Deletes what has lost its last owner, and carries out foreground and orphaning deletions (Kubernetes "Garbage Collection").
 *
 * Invariant: nothing goes because a cache does not show its owner; only an answer of the API that the owner is gone counts.
 */
export function garbageCollector(kinds: ServedKinds): Runnable {
  return {
    name: "generic-garbage-collector",
    permissions: [allow("get list watch patch update delete", "*", "*")],
    start: (context) => new Run(context, kinds).start(),
  };
}

class Run {
  readonly #context: ControllerContext;
  readonly #kinds: ServedKinds;
  readonly #graph = new Graph();
  readonly #collector: Collector;
  readonly #watched = new Map<string, { readonly kind: ServedKind; readonly stop: () => void }>();
  #wake: (uid: string) => void = () => undefined;
  #synced: Promise<unknown> = Promise.resolve();

  constructor(context: ControllerContext, kinds: ServedKinds) {
    this.#context = context;
    this.#kinds = kinds;
    const owners = new Owners(context, kinds);
    this.#collector = new Collector({ context, graph: this.#graph, owners, wake: (uid) => this.#wake(uid) });
  }

  start(): () => void {
    const loop = startLoop(this.#context, {
      name: "generic-garbage-collector", workers: 20, ready: Promise.resolve(),
      work: async (uid) => {
        await this.#synced;
        await this.#collector.work(uid);
        return undefined;
      },
    });
    this.#wake = (uid) => loop.add(uid);
    this.#follow();
    const unsubscribe = this.#kinds.subscribe(() => this.#follow());
    return () => {
      unsubscribe();
      for (const { stop } of this.#watched.values()) stop();
      loop.stop();
    };
  }

  /** Watches what is served now, and no longer what is not. */
  #follow(): void {
    const served = new Map(this.#kinds.list().filter(isCollected).map((kind) => [`${kind.group}/${kind.plural}`, kind]));
    for (const [key, { kind, stop }] of this.#watched) {
      if (served.get(key)?.version === kind.version) continue;
      stop();
      this.#watched.delete(key);
      this.#context.release(kind);
    }
    const synced: Promise<void>[] = [];
    for (const [key, kind] of served) {
      if (this.#watched.has(key)) continue;
      const informer = this.#context.informer(kind);
      const stop = informer.subscribe((change) => {
        if (change.type !== "updated" || !standsAlike(change.before, change.object)) this.#see(kind, change.object, change.type === "deleted");
      });
      this.#watched.set(key, { kind, stop });
      synced.push(informer.synced());
    }
    if (synced.length > 0) this.#synced = Promise.all([this.#synced, this.#atMost(Promise.all(synced))]);
  }

  #see(kind: ServedKind, object: KubeObject, isGone: boolean): void {
    const { uid, namespace } = object.metadata;
    const now = isGone ? undefined : itemOf(kind, object);
    const before = this.#graph.put(uid, now);
    if (isGone) this.#collector.seeGone(uid, namespace, before);
    else if (now || before) this.#collector.see(uid, before, now);
  }

  async #atMost(synced: Promise<unknown>): Promise<void> {
    let giveUp: () => void = () => undefined;
    const timer = this.#context.clock.after(longestWaitMilliseconds, () => giveUp());
    await Promise.race([synced, new Promise<void>((resolve) => (giveUp = resolve))]);
    timer.cancel();
  }
}

/** Events are many, short-lived, and nobody's dependents. */
function isCollected({ plural, group, verbs }: ServedKind): boolean {
  const isEvent = plural === "events" && (group === "" || group === "events.k8s.io");
  return !isEvent && verbs.includes("list") && verbs.includes("watch") && verbs.includes("delete");
}
