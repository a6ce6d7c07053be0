import type { ApiCall, ApiQuery, PatchType, Transport, WatchHandle, WatchListener } from "#client/transport.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";

export interface TestList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly T[];
}

/** The requests of one kind, for tests: what client/ does, as far as tests of the server need it. */
export class TestResource<T extends KubeObject> {
  readonly #transport: Transport;
  readonly #resource: KindReference<T>;

  constructor(transport: Transport, resource: KindReference<T>) {
    this.#transport = transport;
    this.#resource = resource;
  }

  get(namespace: string, name: string, query?: ApiQuery): Promise<T> {
    return this.#call({ verb: "get", namespace, name, query });
  }

  async list(namespace: string, query?: ApiQuery): Promise<TestList<T>> {
    return (await this.#transport.call({ verb: "list", resource: this.#resource, namespace, query })) as TestList<T>;
  }

  watch(namespace: string, query: ApiQuery, listener: WatchListener): WatchHandle {
    return this.#transport.watch({ verb: "watch", resource: this.#resource, namespace, query }, listener);
  }

  create(object: New<T>, query?: ApiQuery, namespace = namespaceOf(object)): Promise<T> {
    return this.#call({ verb: "create", namespace, body: object, query });
  }

  update(object: New<T> | T, query?: ApiQuery, subresource?: string): Promise<T> {
    const { metadata } = object as { readonly metadata?: { readonly name?: string } };
    return this.#call({ verb: "update", namespace: namespaceOf(object), name: metadata?.name, body: object, query, subresource });
  }

  updateStatus(object: New<T>): Promise<T> {
    return this.update(object, undefined, "status");
  }

  patch(namespace: string, name: string, patchType: PatchType, body: unknown, query?: ApiQuery, subresource?: string): Promise<T> {
    return this.#call({ verb: "patch", namespace, name, patchType, body, query, subresource });
  }

  delete(namespace: string, name: string, body?: unknown): Promise<unknown> {
    return this.#call({ verb: "delete", namespace, name, body });
  }

  deleteCollection(namespace: string, query?: ApiQuery, body?: unknown): Promise<unknown> {
    return this.#call({ verb: "deletecollection", namespace, query, body });
  }

  subresource(verb: "get" | "create" | "update" | "patch", namespace: string, name: string, subresource: string, body?: unknown): Promise<unknown> {
    return this.#call({ verb, namespace, name, subresource, body });
  }

  async #call(call: Omit<ApiCall, "resource">): Promise<T> {
    return (await this.#transport.call({ ...call, resource: this.#resource })) as T;
  }
}

function namespaceOf(object: unknown): string {
  return (object as { readonly metadata?: { readonly namespace?: string } }).metadata?.namespace ?? "";
}
