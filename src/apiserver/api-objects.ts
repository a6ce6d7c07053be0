import type { Kind, KindReference, KubeObject } from "#machinery/kind.ts";
import type { KindRegistry } from "./kind-registry.ts";
import type { Objects } from "./request.ts";
import type { ObjectStorage } from "./storage/object-storage.ts";

/** The API's objects as its watch caches show them. Kinds that are not served have none. */
export class ApiObjects implements Objects {
  readonly #registry: KindRegistry;

  constructor(registry: KindRegistry) {
    this.#registry = registry;
  }

  get<T extends KubeObject>(kind: KindReference<T>, namespace: string, name: string): T | undefined {
    return this.#storage(kind)?.get(kind.namespaced ? namespace : "", name)?.object as T | undefined;
  }

  list<T extends KubeObject>(kind: KindReference<T>, namespace: string): readonly T[] {
    return this.#storage(kind)?.list(namespace).map(({ object }) => object as T) ?? [];
  }

  async replace<T extends KubeObject>(kind: KindReference<T>, { metadata }: T, next: T): Promise<boolean> {
    const storage = this.#storage(kind);
    const cached = storage?.get(kind.namespaced ? metadata.namespace : "", metadata.name);
    if (!storage || cached?.object.metadata.resourceVersion !== metadata.resourceVersion) return false;
    return (await storage.replace(cached, next)) !== undefined;
  }

  kindOf(apiVersion: string, kindName: string): Kind | undefined {
    return this.#registry.all().find(({ kind }) => kind.kind === kindName && kind.apiVersion === apiVersion)?.kind;
  }

  subscribe<T extends KubeObject>(kind: KindReference<T>, listener: (after: T | undefined, before: T | undefined) => void): () => void {
    const stop = this.#storage(kind)?.subscribe((after, before) => listener(after?.object as T | undefined, before?.object as T | undefined));
    return stop ?? (() => undefined);
  }

  #storage(kind: KindReference): ObjectStorage | undefined {
    return this.#registry.of(kind)?.storage;
  }
}
