import { ResourceQuota } from "#api/core/resource-quota.ts";
import { evaluatorOf, usedOf } from "#api/core/quota/quota.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { sameResources } from "#machinery/resource-list.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { type KeyedLoop, startLoop } from "../keyed-loop.ts";
import { allow } from "../rules.ts";
import { keyOf } from "../runtime.ts";
import type { ServedKind, ServedKinds } from "../served-kinds.ts";

/** Everything is counted anew so often, for what no change tells: pods whose time to end is over. */
const recountMilliseconds = 300_000;
/**
 * The API server charges a quota just before it writes an object, so a count is only good when nobody has been charged for so long:
 * whatever was charged before is then either written or refused.
 */
const settlingMilliseconds = 1_000;

/** Keeps the status of quotas: what they limit, and what is used of it now that objects have changed or gone. */
export function resourceQuota(kinds: ServedKinds): Runnable {
  return {
    name: "resourcequota-controller",
    permissions: [allow("list watch", "*", "*"), allow("update", "", "resourcequotas/status")],
    start: (context) => new Run(context, kinds).start(),
  };
}

class Run {
  readonly #context: ControllerContext;
  readonly #kinds: ServedKinds;
  /** Kinds that some quota has limited so far, by resource, and how to stop watching them. */
  readonly #watched = new Map<string, () => void>();
  /** When each quota was last written, in milliseconds. */
  readonly #written = new Map<string, number>();
  #loop: KeyedLoop | undefined;

  constructor(context: ControllerContext, kinds: ServedKinds) {
    this.#context = context;
    this.#kinds = kinds;
  }

  start(): () => void {
    const quotas = this.#context.informer(ResourceQuota);
    const loop = startLoop(this.#context, {
      name: "resourcequota-controller", workers: 5, ready: quotas.synced(), work: (key) => this.#work(key),
    });
    this.#loop = loop;
    const unsubscribe = quotas.subscribe(({ type, object }) => {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      if (type === "deleted") this.#written.delete(key);
      else if (type === "updated") this.#written.set(key, this.#context.clock.now());
      loop.add(key);
    });
    return () => {
      unsubscribe();
      for (const stop of this.#watched.values()) stop();
      loop.stop();
    };
  }

  async #work(key: string): Promise<number | undefined> {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const quotas = this.#context.informer(ResourceQuota);
    const limited = this.#limitedKinds(quotas.get(namespace, name)?.spec.hard ?? {});
    await Promise.all(limited.map((kind) => this.#watch(kind)));
    const quota = quotas.get(namespace, name);
    if (!quota) return undefined;
    const now = this.#context.clock.now();
    const wait = (this.#written.get(key) ?? 0) + settlingMilliseconds - now;
    if (wait > 0) return wait;
    const used = usedOf(quota.spec, limited, (kind) => this.#context.informer(kind).inNamespace(namespace), now);
    const { hard = {} } = quota.spec;
    if (!sameResources(hard, quota.status.hard ?? {}) || !sameResources(used, quota.status.used ?? {})) {
      await this.#context.client.of(ResourceQuota).updateStatus({ ...quota, status: { hard, used } });
    }
    return recountMilliseconds;
  }

  #limitedKinds(hard: { readonly [resource: string]: string }): readonly ServedKind[] {
    const resources = Object.keys(hard);
    return this.#kinds.list().filter((kind) => {
      return kind.namespaced && kind.verbs.includes("list") && resources.some((resource) => evaluatorOf(kind).counts(resource));
    });
  }

  async #watch(kind: ServedKind): Promise<void> {
    const key = `${kind.group}/${kind.plural}`;
    const informer = this.#context.informer(kind);
    if (!this.#watched.has(key)) {
      this.#watched.set(key, informer.subscribe((change) => {
        if (change.type !== "updated" || this.#usesOther(kind, change.before, change.object)) this.#recount(change.object, change.type === "added");
      }));
    }
    await informer.synced();
  }

  /** New objects were charged when they were made; that the count is right is seen to when no more come. */
  #recount({ metadata: { namespace } }: KubeObject, isNew: boolean): void {
    for (const { metadata } of this.#context.informer(ResourceQuota).inNamespace(namespace)) {
      this.#loop?.addAfter(keyOf(metadata.namespace, metadata.name), isNew ? settlingMilliseconds : 0);
    }
  }

  #usesOther(kind: ServedKind, before: KubeObject, after: KubeObject): boolean {
    const evaluator = evaluatorOf(kind);
    const now = this.#context.clock.now();
    return evaluator.changes && !sameResources(evaluator.usage(before, now), evaluator.usage(after, now));
  }
}
