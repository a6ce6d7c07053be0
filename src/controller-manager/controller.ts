import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import type { Client, DeleteOptions } from "#client/client.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import type { Informer } from "#client/informer.ts";
import type { PatchType } from "#client/transport.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";

/**
 * A controller decides, the runtime acts: `observe` gathers what a decision needs from caches, `reconcile` is a pure function
 * from there to writes. It is level-based and never learns which change woke it.
 *
 * Invariant: before a key is reconciled again, the caches show all that its last reconciliation wrote. Hence no controller needs
 * to remember what it has just done.
 */
export interface Controller<T extends KubeObject, World> {
  /** Runs as `system:serviceaccount:kube-system:NAME`, with exactly `permissions`. */
  readonly name: string;
  /** The service account, where several controllers share one. */
  readonly account?: string;
  readonly permissions: readonly PolicyRule[];
  /** Kind of the objects that are reconciled, one key each. */
  readonly kind: KindReference<T>;
  /** What else wakes it, and for which keys. */
  readonly watches?: readonly Watched[];
  /** How many keys are worked on at a time. Default 5. */
  readonly workers?: number;
  observe(object: T, caches: Caches): World;
  reconcile(object: T, world: World, now: number): Outcome;
  /** Called for a key whose object is gone. Most leave what remains to the garbage collector. */
  gone?(namespace: string, name: string, caches: Caches): Outcome;
}

/** A kind whose changes wake a controller. */
export interface Watched<T extends KubeObject = KubeObject> {
  readonly kind: KindReference<T>;
  /** Of an update: whether it is worth looking at. All are when absent. */
  matters?(before: T, after: T): boolean;
  /** Keys (`namespace/name`) of the objects to reconcile when this one changes; asked for the object before and after. */
  keys(object: T, caches: Caches): Iterable<string>;
}

/** The current objects of any kind that the controller watches, by reference: not to be changed. */
export interface Caches {
  of<T extends KubeObject>(kind: KindReference<T>): Cache<T>;
}

/**
 * Every cache has the index `owner`: objects by the uid of their controlling owner, or `withoutOwner` where there is none. That of pods
 * has the index `node` as well.
 */
export type Cache<T extends KubeObject> = Pick<Informer<T>, "get" | "list" | "inNamespace" | "byIndex" | "size">;

/** The key in the index `owner` of a namespace's objects that no controller owns. */
export function withoutOwner(namespace: string | undefined): string {
  return `/${namespace ?? ""}`;
}

export interface Outcome {
  /**
   * Done in order; a list among them is done together, a few first and then ever more. The first failure ends it, and the key is
   * retried. An object that is written twice is written in the version that the first write made.
   */
  readonly writes?: readonly (Write | readonly Write[])[];
  /** What is to be written after one of the writes has failed, such as a condition that says so. */
  failed?(error: Error, write: Write): readonly Write[];
  readonly events?: readonly EventWish[];
  /** Look again after this long, whatever happens. */
  readonly requeueAfterMilliseconds?: number;
}

export type Write =
  | { readonly do: "create"; readonly kind: KindReference; readonly object: New<KubeObject>; readonly created?: EventOf; readonly failed?: EventOf }
  | { readonly do: "update"; readonly kind: KindReference; readonly object: KubeObject; readonly updated?: EventOf }
  | { readonly do: "updateStatus"; readonly kind: KindReference; readonly object: KubeObject }
  | {
    readonly do: "patch"; readonly kind: KindReference; readonly namespace: string; readonly name: string;
    readonly type: PatchType; readonly patch: unknown; readonly subresource?: string;
  }
  | {
    readonly do: "delete"; readonly kind: KindReference; readonly namespace: string; readonly name: string; readonly options?: DeleteOptions;
    readonly deleted?: EventOf; readonly failed?: EventOf;
  };

/** An event to record about the reconciled object once a write has happened; `message` gets the object's name or the error. */
export interface EventOf {
  readonly reason: string;
  message(nameOrError: string): string;
}

export interface EventWish {
  /** The reconciled object when absent. */
  readonly about?: KubeObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What the manager runs: made by `defineController`, or by hand where a controller is no loop over one kind (garbage collector). */
export interface Runnable {
  readonly name: string;
  /** The service account, where several controllers share one. */
  readonly account?: string;
  readonly permissions: readonly PolicyRule[];
  /** Returns how to stop it. */
  start(context: ControllerContext): () => void;
}

export interface ControllerContext {
  /** Acts as this controller. */
  readonly client: Client;
  /** Shared by all controllers. Asking starts the informer. */
  informer<T extends KubeObject>(kind: KindReference<T>): Informer<T>;
  /** The kind is no longer served: its informer stops, for all controllers. */
  release(kind: KindReference): void;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  log(message: string, error?: Error): void;
}
