import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import type { ApiCall, ApiQuery, PatchType, Transport, WatchHandle, WatchListener } from "./transport.ts";

/** The typed way to the API: `client.of(Pod).get("default", "web")`. */
export class Client {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  of<T extends KubeObject>(kind: KindReference<T>): Resource<T> {
    return new Resource(this.transport, kind);
  }
}

export interface ObjectList<T extends KubeObject> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly T[];
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/**
 * The requests of one kind. `namespace` is "" for cluster-scoped kinds, and for all namespaces in `list` and `watch`.
 * Every method throws StatusError as the API answers it.
 */
export class Resource<T extends KubeObject> {
  readonly #transport: Transport;
  readonly #kind: KindReference<T>;

  constructor(transport: Transport, kind: KindReference<T>) {
    this.#transport = transport;
    this.#kind = kind;
  }

  async get(namespace: string, name: string, query?: ApiQuery): Promise<T> {
    return (await this.#transport.call({ verb: "get", resource: this.#kind, namespace, name, query })) as T;
  }

  async list(namespace: string, query?: ApiQuery): Promise<ObjectList<T>> {
    return (await this.#transport.call({ verb: "list", resource: this.#kind, namespace, query })) as ObjectList<T>;
  }

  watch(namespace: string, query: ApiQuery, listener: WatchListener): WatchHandle {
    return this.#transport.watch({ verb: "watch", resource: this.#kind, namespace, query }, listener);
  }

  /** The namespace is that of the object. */
  async create(object: New<T>, query?: ApiQuery): Promise<T> {
    return (await this.#transport.call({ verb: "create", resource: this.#kind, namespace: namespaceOf(object), body: object, query })) as T;
  }

  /** Fails with Conflict unless `metadata.resourceVersion` is that of the stored object. */
  async update(object: T, query?: ApiQuery): Promise<T> {
    return this.#update(object, undefined, query);
  }

  async updateStatus(object: T, query?: ApiQuery): Promise<T> {
    return this.#update(object, "status", query);
  }

  async patch(namespace: string, name: string, patchType: PatchType, patch: unknown, query?: ApiQuery, subresource?: string): Promise<T> {
    return (await this.#transport.call({ verb: "patch", resource: this.#kind, namespace, name, subresource, patchType, body: patch, query })) as T;
  }

  /** The object as it stands while it goes away gracefully; `undefined` where it is gone already. */
  async delete(namespace: string, name: string, options?: DeleteOptions): Promise<T | undefined> {
    const call: ApiCall = { verb: "delete", resource: this.#kind, namespace, name, body: deleteOptions(options) };
    const answer = (await this.#transport.call(call)) as KubeObject;
    return answer.kind === "Status" ? undefined : (answer as T);
  }

  async deleteCollection(namespace: string, query?: ApiQuery, options?: DeleteOptions): Promise<void> {
    await this.#transport.call({ verb: "deletecollection", resource: this.#kind, namespace, query, body: deleteOptions(options) });
  }

  /** Posts to a subresource: `binding`, `eviction`, `token`. */
  async createSubresource<Answer>(namespace: string, name: string, subresource: string, body: unknown): Promise<Answer> {
    return (await this.#transport.call({ verb: "create", resource: this.#kind, namespace, name, subresource, body })) as Answer;
  }

  async #update(object: T, subresource: string | undefined, query: ApiQuery | undefined): Promise<T> {
    const { namespace, name } = object.metadata;
    return (await this.#transport.call({ verb: "update", resource: this.#kind, namespace, name, subresource, body: object, query })) as T;
  }
}

function namespaceOf<T extends KubeObject>(object: New<T>): string {
  const metadata = (object as { readonly metadata?: { readonly namespace?: string } }).metadata;
  return metadata?.namespace ?? "";
}

function deleteOptions(options: DeleteOptions | undefined): unknown {
  return options && { apiVersion: "v1", kind: "DeleteOptions", ...options };
}
