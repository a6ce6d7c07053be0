import { kinds } from "#api/kinds.ts";
import type { Kind, KindReference, KubeObject, New } from "#machinery/kind.ts";
import type { Objects } from "../request.ts";

/** `Objects` out of a plain list, for tests. */
export class FakeObjects implements Objects {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Map<string, Set<(after: never, before: never) => void>>();
  #uid = 0;

  /** Adds or replaces; fills in what a server would. */
  put<T extends KubeObject>(kind: KindReference<T>, object: New<T>): T {
    const given = object as New<KubeObject>;
    const metadata = { uid: `uid-${++this.#uid}`, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ...given.metadata };
    const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    const complete = { ...object, apiVersion, kind: kind.kind, metadata } as unknown as T;
    const address = addressOf(kind, complete.metadata.namespace ?? "", complete.metadata.name);
    const before = this.#objects.get(address);
    this.#objects.set(address, complete);
    this.#tell(kind, complete, before);
    return complete;
  }

  delete<T extends KubeObject>(kind: KindReference<T>, namespace: string, name: string): void {
    const address = addressOf(kind, namespace, name);
    const before = this.#objects.get(address);
    this.#objects.delete(address);
    this.#tell(kind, undefined, before);
  }

  get<T extends KubeObject>(kind: KindReference<T>, namespace: string, name: string): T | undefined {
    return this.#objects.get(addressOf(kind, namespace, name)) as T | undefined;
  }

  list<T extends KubeObject>(kind: KindReference<T>, namespace: string): readonly T[] {
    const start = `${kind.group}/${kind.plural}/${namespace === "" ? "" : `${namespace}/`}`;
    return [...this.#objects].filter(([address]) => address.startsWith(start)).map(([, object]) => object as T);
  }

  async replace<T extends KubeObject>(kind: KindReference<T>, current: T, next: T): Promise<boolean> {
    const { namespace, name } = current.metadata;
    if (this.get(kind, namespace ?? "", name) !== current) return false;
    this.put(kind, next as New<T>);
    return true;
  }

  kindOf(apiVersion: string, kind: string): Kind | undefined {
    return kinds.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  }

  subscribe<T extends KubeObject>(kind: KindReference<T>, listener: (after: T | undefined, before: T | undefined) => void): () => void {
    const key = `${kind.group}/${kind.plural}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #tell(kind: KindReference, after: unknown, before: unknown): void {
    for (const listener of this.#listeners.get(`${kind.group}/${kind.plural}`) ?? []) listener(after as never, before as never);
  }
}

function addressOf(kind: KindReference, namespace: string, name: string): string {
  return `${kind.group}/${kind.plural}/${namespace}/${name}`;
}
