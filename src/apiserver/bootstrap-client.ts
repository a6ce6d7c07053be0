import type { KindReference, KubeObject, New } from "#machinery/kind.ts";

/** The part of a client that is needed to make what every cluster starts with. */
export interface BootstrapClient {
  of<T extends KubeObject>(kind: KindReference<T>): BootstrapResource<T>;
}

export interface BootstrapResource<T extends KubeObject> {
  list(namespace: string): Promise<{ readonly items: readonly T[] }>;
  create(object: New<T>): Promise<T>;
  update(object: T): Promise<T>;
  delete(namespace: string, name: string): Promise<unknown>;
}
