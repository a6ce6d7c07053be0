import type { Clock } from "#machinery/clock.ts";
import type { Kind, KubeObject, Metadata } from "#machinery/kind.ts";
import { conflict } from "#machinery/status-error.ts";
import { formatTime, parseTime } from "#machinery/time.ts";

/** How something is to be deleted (API reference: meta/v1 DeleteOptions). */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly dryRun?: readonly string[];
}

/** Everything that the object's end waits for. Namespaces keep finalizers of their own in `spec`, for their contents. */
export function pendingFinalizers(object: KubeObject): readonly string[] {
  const own = object.metadata.finalizers ?? [];
  return isNamespace(object) ? [...own, ...(object.spec?.finalizers ?? [])] : own;
}

/** Nothing waits for an object that is being deleted any more: no finalizer, no grace period. */
export function isGone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && pendingFinalizers(object).length === 0;
}

/** What becomes of an object that is to be deleted: `undefined` when nothing holds it, otherwise the version that waits for its end. */
export function deleting(kind: Kind, object: KubeObject, options: DeleteOptions, clock: Clock): KubeObject | undefined {
  const marked = kind.prepareForDelete?.(object, formatTime(clock.now())) ?? object;
  const finalizers = finalizersFor(kind, marked, options);
  const metadata: Metadata = { ...marked.metadata, finalizers: finalizers.length === 0 ? undefined : finalizers };
  const graceful = { ...marked, metadata: { ...metadata, ...graceOf(kind, marked, options, clock) } };
  return isGone(graceful) ? undefined : terminating(graceful);
}

/** @throws StatusError (409) where the object is not the one that the client means */
export function checkDeletePreconditions(kind: Kind, object: KubeObject, { preconditions }: DeleteOptions): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(kind.resource, name, `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`);
  }
  const expected = preconditions?.resourceVersion;
  if (expected !== undefined && expected !== resourceVersion) {
    const why = `ResourceVersion in precondition: ${expected}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(kind.resource, name, `Precondition failed: ${why}`);
  }
}

const orphan = "orphan";
const foreground = "foregroundDeletion";

/** The garbage collector's finalizers follow from the propagation policy; without one, they stay as they are, or as the kind will have it. */
function finalizersFor(kind: Kind, object: KubeObject, { propagationPolicy, orphanDependents }: DeleteOptions): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const isSettled = present.includes(orphan) || present.includes(foreground);
  const byDefault = kind.orphansByDefault === true && !isSettled ? "Orphan" : undefined;
  const policy = propagationPolicy ?? (orphanDependents === undefined ? byDefault : orphanDependents ? "Orphan" : "Background");
  if (policy === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (policy === "Orphan") return [...others, orphan];
  return policy === "Foreground" ? [...others, foreground] : others;
}

type Grace = Pick<Metadata, "deletionTimestamp" | "deletionGracePeriodSeconds" | "generation">;

/** A second deletion may shorten the grace period of the first, and never lengthens it. */
function graceOf(kind: Kind, object: KubeObject, options: DeleteOptions, clock: Clock): Grace {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = object.metadata;
  const requested = options.gracePeriodSeconds;
  if (deletionTimestamp === undefined) {
    const seconds = Math.max(0, kind.gracePeriodSeconds?.(object, requested) ?? 0);
    return {
      deletionTimestamp: formatTime(clock.now() + seconds * 1000),
      deletionGracePeriodSeconds: seconds,
      ...(generation ? { generation: generation + 1 } : {}),
    };
  }
  if (requested === undefined || requested >= deletionGracePeriodSeconds) return { deletionTimestamp, deletionGracePeriodSeconds, generation };
  const seconds = Math.max(0, requested);
  const end = (parseTime(deletionTimestamp) ?? clock.now()) - (deletionGracePeriodSeconds - seconds) * 1000;
  return { deletionTimestamp: formatTime(end), deletionGracePeriodSeconds: seconds, generation };
}

interface NamespaceObject extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string };
}

function isNamespace(object: KubeObject): object is NamespaceObject {
  return object.kind === "Namespace" && object.apiVersion === "v1";
}

/** A namespace says in its status that it takes no more objects. */
function terminating(object: KubeObject): KubeObject {
  return isNamespace(object) ? ({ ...object, status: { ...object.status, phase: "Terminating" } } as KubeObject) : object;
}
