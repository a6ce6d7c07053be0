import type { Kind, KindReference, KubeObject } from "#machinery/kind.ts";

/** Who asks (API reference: authentication/v1 UserInfo). */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: { readonly [key: string]: readonly string[] };
}

/** What is asked, as read from method, path and query, before any body. */
export interface RequestInfo {
  /** The path asked for, without the query. */
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection, proxy …; of a path that is no resource: the method in lower case. */
  readonly verb: string;
  /** Absent: a path that is no resource, such as /healthz. */
  readonly resource?: ResourceRequest;
}

export interface ResourceRequest {
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  /** "" for cluster scope and for all namespaces. */
  readonly namespace: string;
  /** "" where the request is of a collection. */
  readonly name: string;
  /** What follows the subresource, as in …/proxy/some/path. */
  readonly rest?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/**
 * The newest state of the API's objects, for parts of the API server that need to look things up while they decide. Reads are
 * synchronous, from the watch caches, and complete up to the last write that was acknowledged.
 */
export interface Objects {
  get<T extends KubeObject>(kind: KindReference<T>, namespace: string, name: string): T | undefined;
  /** All namespaces when `namespace` is "". */
  list<T extends KubeObject>(kind: KindReference<T>, namespace: string): readonly T[];
  /**
   * Writes a new version of an object that the server itself keeps, as it is: no admission, no validation.
   * @returns false where somebody else has changed the object since `current`
   */
  replace<T extends KubeObject>(kind: KindReference<T>, current: T, next: T): Promise<boolean>;
  /** The kind that objects with these fields are of; `undefined` where no such kind is served. */
  kindOf(apiVersion: string, kind: string): Kind | undefined;
  /** Calls `listener` after each change of the kind, with the object before and after. Returns how to stop. */
  subscribe<T extends KubeObject>(kind: KindReference<T>, listener: (after: T | undefined, before: T | undefined) => void): () => void;
}
