import type { KindReference, KubeObject, Verb } from "#machinery/kind.ts";

/**
 * How a client reaches the API: over HTTPS, or within the process. Both behave alike; within the process objects come back by
 * reference, so nobody may change them (they are typed readonly).
 */
export interface Transport {
  /** @throws StatusError as the API answers it; Error when the API cannot be reached. */
  call(call: ApiCall): Promise<unknown>;

  /**
   * Watches from `call.query.resourceVersion` on. The listener is called in order; after `ended` never again.
   * A watch that the API refuses or breaks off ends with the reason (410 Expired: list anew).
   */
  watch(call: ApiCall, listener: WatchListener): WatchHandle;

  /** Ends all watches and closes connections. */
  close(): Promise<void>;
}

/** One request, in the API's terms. */
export interface ApiCall {
  readonly verb: Verb;
  readonly resource: KindReference;
  /** Absent: cluster scope, or all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  /** `status`, `scale`, `binding`, `eviction`, `token` … */
  readonly subresource?: string;
  /** Query parameters by their API names: labelSelector, fieldSelector, resourceVersion, limit, fieldManager, dryRun … */
  readonly query?: ApiQuery;
  /** The object for create and update, the patch for patch, DeleteOptions for delete. */
  readonly body?: unknown;
  /** Media type of a patch. */
  readonly patchType?: PatchType;
  readonly signal?: AbortSignal;
}

export interface ApiQuery {
  readonly [parameter: string]: string | number | boolean | undefined;
}

export type PatchType =
  | "application/json-patch+json" | "application/merge-patch+json" | "application/strategic-merge-patch+json" | "application/apply-patch+yaml";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

export interface WatchListener {
  event(event: WatchEvent): void;
  /** `undefined`: ended as asked for, or by its time limit. */
  ended(reason: Error | undefined): void;
}

export interface WatchHandle {
  close(): void;
}
