import type { KubeObject, OwnerReference } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { ControllerContext } from "../../controller.ts";
import { findKind, type ServedKind, type ServedKinds } from "../../served-kinds.ts";
import type { Item } from "./graph.ts";

/** Whether an owner is there, is gone, or waits for its dependents to go before it. */
export type OwnerState = "present" | "absent" | "waiting";

/** So many owners are remembered to be absent: uids never come back. */
const mostAbsent = 500;

/** Knows of owners by the caches where these know, and asks the API where they do not: a cache may lag behind. */
export class Owners {
  readonly #context: ControllerContext;
  readonly #kinds: ServedKinds;
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext, kinds: ServedKinds) {
    this.#context = context;
    this.#kinds = kinds;
  }

  /** The owner is gone for certain. */
  forget(uid: string, namespace: string | undefined): void {
    this.#absent.add(absentKey(uid, namespace ?? ""));
    const [oldest] = this.#absent;
    if (this.#absent.size > mostAbsent && oldest !== undefined) this.#absent.delete(oldest);
  }

  /** Whether the caches show the owner, and that it does not wait for its dependents. */
  isKnown(item: Item, reference: OwnerReference): boolean {
    const kind = findKind(this.#kinds, reference.apiVersion, reference.kind);
    const owner = kind && this.#cached(kind, namespaceOf(item, kind), reference);
    return owner !== undefined && !isWaiting(owner);
  }

  /** @throws Error where the owner's kind is not served, so that nobody can tell */
  async stateOf(item: Item, reference: OwnerReference): Promise<OwnerState> {
    const kind = findKind(this.#kinds, reference.apiVersion, reference.kind);
    if (!kind) {
      throw new Error(`${reference.apiVersion} ${reference.kind}, owner of ${item.kind.plural} ${item.namespace}/${item.name}, is not served`);
    }
    if (kind.namespaced && item.namespace === "") {
      this.#reportNamespace(item, reference);
      return "present";
    }
    const namespace = namespaceOf(item, kind);
    if (this.#absent.has(absentKey(reference.uid, namespace))) return "absent";
    const owner = this.#cached(kind, namespace, reference) ?? (await this.#live(kind, namespace, reference));
    if (owner) return isWaiting(owner) ? "waiting" : "present";
    this.forget(reference.uid, namespace);
    if (kind.namespaced && this.#isElsewhere(kind, reference)) this.#reportNamespace(item, reference);
    return "absent";
  }

  #cached(kind: ServedKind, namespace: string, { name, uid }: OwnerReference): KubeObject | undefined {
    const owner = this.#context.informer(kind).get(namespace, name);
    return owner?.metadata.uid === uid ? owner : undefined;
  }

  async #live(kind: ServedKind, namespace: string, { name, uid }: OwnerReference): Promise<KubeObject | undefined> {
    try {
      const owner = await this.#context.client.of(kind).get(namespace, name);
      return owner.metadata.uid === uid ? owner : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #isElsewhere(kind: ServedKind, { uid }: OwnerReference): boolean {
    for (const { metadata } of this.#context.informer(kind).list()) if (metadata.uid === uid) return true;
    return false;
  }

  #reportNamespace(item: Item, { apiVersion, kind, name, uid }: OwnerReference): void {
    const object = this.#context.informer(item.kind).get(item.namespace, item.name);
    if (!object) return;
    const reference = `[${apiVersion}/${kind}, namespace: ${item.namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${reference} does not exist in namespace "${item.namespace}"`;
    this.#context.recorder.event(object, "Warning", "OwnerRefInvalidNamespace", message);
  }
}

function namespaceOf(item: Item, owner: ServedKind): string {
  return owner.namespaced ? item.namespace : "";
}

function absentKey(uid: string, namespace: string): string {
  return `${namespace}/${uid}`;
}

function isWaiting({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes("foregroundDeletion") === true;
}
