import { equal } from "#machinery/equality.ts";
import type { KindReference, KubeObject, OwnerReference } from "#machinery/kind.ts";

/** What is kept of an object that has owners, or that waits for its dependents. Of all others nothing is kept. */
export interface Item {
  readonly kind: KindReference;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly owners: readonly OwnerReference[];
  readonly deleted: boolean;
  /** Its deletion waits: until its dependents are gone, or until they are set free. */
  readonly waits: "foreground" | "orphan" | undefined;
}

const noOwners: readonly OwnerReference[] = [];

/** `undefined` where the object neither has owners nor waits for dependents. */
export function itemOf(kind: KindReference, { metadata }: KubeObject): Item | undefined {
  const owners = metadata.ownerReferences ?? noOwners;
  const deleted = metadata.deletionTimestamp !== undefined;
  const waits = deleted ? waitOf(metadata.finalizers ?? []) : undefined;
  if (owners.length === 0 && waits === undefined) return undefined;
  return { kind, namespace: kind.namespaced ? metadata.namespace : "", name: metadata.name, uid: metadata.uid, owners, deleted, waits };
}

/** Whether two versions of an object say the same about owners and deletion: most changes are about other things. */
export function standsAlike({ metadata: one }: KubeObject, { metadata: other }: KubeObject): boolean {
  return one.uid === other.uid && one.deletionTimestamp === other.deletionTimestamp
    && equal(one.ownerReferences, other.ownerReferences) && equal(one.finalizers, other.finalizers);
}

function waitOf(finalizers: readonly string[]): Item["waits"] {
  if (finalizers.includes("orphan")) return "orphan";
  return finalizers.includes("foregroundDeletion") ? "foreground" : undefined;
}

/** Who belongs to whom, by uid. Its size is that of the objects with owners. */
export class Graph {
  readonly #items = new Map<string, Item>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Item | undefined {
    return this.#items.get(uid);
  }

  get size(): number {
    return this.#items.size;
  }

  /** Returns what was known before. */
  put(uid: string, item: Item | undefined): Item | undefined {
    const before = this.#items.get(uid);
    for (const owner of before?.owners ?? noOwners) this.#unlink(owner.uid, uid);
    if (!item) {
      this.#items.delete(uid);
      return before;
    }
    this.#items.set(uid, item);
    for (const owner of item.owners) this.#link(owner.uid, uid);
    return before;
  }

  dependentsOf(uid: string): readonly Item[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#items.get(dependent) ?? []);
  }

  hasDependents(uid: string): boolean {
    return this.#dependents.has(uid);
  }

  #link(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    if (dependents) dependents.add(dependent);
    else this.#dependents.set(owner, new Set([dependent]));
  }

  #unlink(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size === 0) this.#dependents.delete(owner);
  }
}
