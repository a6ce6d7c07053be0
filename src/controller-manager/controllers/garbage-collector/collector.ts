import type { KubeObject, OwnerReference } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { ControllerContext } from "../../controller.ts";
import type { Graph, Item } from "./graph.ts";
import type { Owners, OwnerState } from "./owners.ts";

export interface CollectorOptions {
  readonly context: ControllerContext;
  readonly graph: Graph;
  readonly owners: Owners;
  /** Has an object looked at (again). */
  wake(uid: string): void;
}

/** Does what the graph says about one object at a time. Every write names the version that was judged. */
export class Collector {
  readonly #options: CollectorOptions;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Something about the object, its owners or its dependents has changed. */
  see(uid: string, before: Item | undefined, now: Item | undefined): void {
    const { graph, owners, wake } = this.#options;
    if (now?.waits) wake(uid);
    if (now && !now.deleted && now.owners.some((reference) => !owners.isKnown(now, reference))) wake(uid);
    const references = new Set([...(before?.owners ?? []), ...(now?.owners ?? [])].map((reference) => reference.uid));
    for (const owner of references) if (graph.get(owner)?.waits) wake(owner);
  }

  /** The object is gone: so may be what belongs to it, and what waits for it. */
  seeGone(uid: string, namespace: string | undefined, before: Item | undefined): void {
    const { graph, owners, wake } = this.#options;
    owners.forget(uid, namespace);
    for (const dependent of graph.dependentsOf(uid)) wake(dependent.uid);
    for (const owner of before?.owners ?? []) if (graph.get(owner.uid)?.waits) wake(owner.uid);
  }

  async work(uid: string): Promise<void> {
    const item = this.#options.graph.get(uid);
    const object = item && this.#options.context.informer(item.kind).get(item.namespace, item.name);
    if (object?.metadata.uid !== uid || !item) return;
    if (item.waits === "orphan") return this.#orphan(item, object);
    if (item.waits === "foreground") return this.#awaitDependents(item, object);
    if (!item.deleted) await this.#judge(item, object);
  }

  /** Sets the dependents free, then lets the owner go. */
  async #orphan(item: Item, object: KubeObject): Promise<void> {
    for (const dependent of this.#options.graph.dependentsOf(item.uid)) await this.#dropOwners(dependent, (owner) => owner.uid === item.uid);
    await this.#dropFinalizer(item, object, "orphan");
  }

  /** An owner whose blocking dependents are gone may go; those that are left are told to go. */
  async #awaitDependents(item: Item, object: KubeObject): Promise<void> {
    const blocks = ({ owners }: Item): boolean => owners.some((owner) => owner.uid === item.uid && owner.blockOwnerDeletion === true);
    const blocking = this.#options.graph.dependentsOf(item.uid).filter(blocks);
    if (blocking.length === 0) return this.#dropFinalizer(item, object, "foregroundDeletion");
    for (const { uid, deleted } of blocking) if (!deleted) this.#options.wake(uid);
  }

  /** An object without any owner left goes; one that has others keeps these alone. */
  async #judge(item: Item, object: KubeObject): Promise<void> {
    const { owners, graph } = this.#options;
    const states = new Map<string, OwnerState>();
    for (const reference of item.owners) states.set(reference.uid, await owners.stateOf(item, reference));
    const having = (state: OwnerState): boolean => [...states.values()].includes(state);
    if (having("present")) {
      if (having("absent") || having("waiting")) await this.#dropOwners(item, ({ uid }) => states.get(uid) !== "present");
      return;
    }
    if (having("waiting") && graph.hasDependents(item.uid)) {
      // Two that wait for each other would wait for ever.
      if (graph.dependentsOf(item.uid).some(({ waits }) => waits === "foreground")) await this.#unblock(item);
      return this.#delete(item, object, "Foreground");
    }
    await this.#delete(item, object, policyOf(object));
  }

  async #delete(item: Item, object: KubeObject, propagationPolicy: "Orphan" | "Foreground" | "Background"): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const options = { propagationPolicy, preconditions: { uid, resourceVersion } };
    await this.#options.context.client.of(item.kind).delete(item.namespace, item.name, options).catch(ignoreNotFound);
  }

  async #dropFinalizer(item: Item, object: KubeObject, finalizer: string): Promise<void> {
    await this.#patch(item, object, { finalizers: object.metadata.finalizers?.filter((one) => one !== finalizer) });
  }

  async #dropOwners(item: Item, isDropped: (owner: OwnerReference) => boolean): Promise<void> {
    await this.#changeOwners(item, (owners) => owners.filter((owner) => !isDropped(owner)));
  }

  async #unblock(item: Item): Promise<void> {
    await this.#changeOwners(item, (owners) => owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })));
  }

  async #changeOwners(item: Item, change: (owners: readonly OwnerReference[]) => readonly OwnerReference[]): Promise<void> {
    const object = this.#options.context.informer(item.kind).get(item.namespace, item.name);
    if (object?.metadata.uid !== item.uid) return;
    await this.#patch(item, object, { ownerReferences: change(object.metadata.ownerReferences ?? []) });
  }

  /** A merge patch, which every kind takes, of the version that was looked at. */
  async #patch(item: Item, object: KubeObject, change: Partial<KubeObject["metadata"]>): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const patch = { metadata: { uid, resourceVersion, ...change } };
    await this.#options.context.client.of(item.kind).patch(item.namespace, item.name, "application/merge-patch+json", patch).catch(ignoreNotFound);
  }
}

/** What its own deletion was asked to do about its dependents, if its finalizers say so. */
function policyOf({ metadata: { finalizers = [] } }: KubeObject): "Orphan" | "Foreground" | "Background" {
  if (finalizers.includes("orphan")) return "Orphan";
  return finalizers.includes("foregroundDeletion") ? "Foreground" : "Background";
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
