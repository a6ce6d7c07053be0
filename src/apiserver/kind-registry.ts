import type { Kind, KindReference, KubeObject } from "#machinery/kind.ts";
import type { ObjectStorage } from "./storage/object-storage.ts";

/** A kind that the API serves. One without storage is answered, not kept (TokenReview …). */
export interface ServedKind {
  readonly kind: Kind;
  readonly storage?: ObjectStorage;
  /** Its CustomResourceDefinition is being deleted: no more objects are made. */
  readonly terminating?: boolean;
  /** What everybody is told who asks for it in this version. */
  readonly deprecation?: string;
}

/** What the API serves now. Kinds come and go with CustomResourceDefinitions. */
export class KindRegistry {
  readonly #served = new Map<string, ServedKind>();
  readonly #listeners = new Set<() => void>();

  /** Replaces what was served there. */
  add(served: ServedKind): void {
    this.#served.set(addressOf(served.kind), served);
    for (const listener of this.#listeners) listener();
  }

  remove(kind: KindReference): void {
    if (this.#served.delete(addressOf(kind))) for (const listener of this.#listeners) listener();
  }

  find(group: string, version: string, plural: string): ServedKind | undefined {
    return this.#served.get(`${group}/${version}/${plural}`);
  }

  of<T extends KubeObject>(kind: KindReference<T>): ServedKind | undefined {
    return this.#served.get(addressOf(kind));
  }

  /** In the order in which they were added. */
  all(): readonly ServedKind[] {
    return [...this.#served.values()];
  }

  /** Calls `listener` after each change (discovery, OpenAPI). Returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function addressOf({ group, version, plural }: KindReference): string {
  return `${group}/${version}/${plural}`;
}
