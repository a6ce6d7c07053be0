import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Pod } from "#api/core/pod.ts";
import type { ReplicaSetCondition, ReplicaSetStatus } from "#api/generated/apps-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { selectorFromLabels } from "#machinery/label-selectors.ts";
import { controllerOf, controllerReference } from "#machinery/owner-references.ts";
import { formatTime } from "#machinery/time.ts";
import { claim } from "../claims.ts";
import { type Caches, type Controller, type Outcome, withoutOwner, type Write } from "../controller.ts";
import { availableIn, isActive, isReady, isTerminating } from "../pods.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController, keyOf } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";
import { updateStatus } from "../writes.ts";
import { deletionOrder } from "./replica-set/deletion-order.ts";

/** So many pods are made or deleted before the set is looked at anew. */
const burst = 500;

interface World {
  /** Pods of this set and pods of no owner, in its namespace. */
  readonly candidates: readonly Pod[];
  /** Pods of all sets of the same owner (the deployment), this set's included: scaling down spreads these over the nodes. */
  readonly related: readonly Pod[];
}

/** Keeps as many pods of a template as are wanted (API reference: apps/v1 ReplicaSet). */
export const replicaSetController: Controller<ReplicaSet, World> = {
  name: "replicaset-controller",
  permissions: [
    allow("get list watch update", "apps", "replicasets"),
    allow("update", "apps", "replicasets/status replicasets/finalizers"),
    allow("list watch create patch delete", "", "pods"),
  ],
  kind: ReplicaSet,
  watches: [{ kind: Pod, keys: setsOfPod }],
  observe,
  reconcile,
};

export const replicaSet = defineController(replicaSetController);

/** The pod's set; for a pod that nobody owns, every set that might adopt it. */
function setsOfPod(pod: KubeObject, caches: Caches): string[] {
  if (controllerOf(pod)) return controlledBy(ReplicaSet)(pod);
  const sets = caches.of(ReplicaSet).inNamespace(pod.metadata.namespace);
  return sets
    .filter(({ spec }) => selectorOf(spec.selector).matches(pod.metadata.labels))
    .map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function observe(set: ReplicaSet, caches: Caches): World {
  const pods = caches.of(Pod);
  const { namespace, uid } = set.metadata;
  const owned = pods.byIndex("owner", uid);
  const owner = controllerOf(set);
  const siblings = owner ? caches.of(ReplicaSet).byIndex("owner", owner.uid).filter((sibling) => sibling.metadata.uid !== uid) : [];
  return {
    candidates: [...owned, ...pods.byIndex("owner", withoutOwner(namespace))],
    related: [...owned, ...siblings.flatMap((sibling) => pods.byIndex("owner", sibling.metadata.uid))],
  };
}

function reconcile(set: ReplicaSet, { candidates, related }: World, now: number): Outcome {
  const { owned, writes: claims } = claim(set, selectorOf(set.spec.selector), Pod, candidates);
  const active = owned.filter(isActive);
  const isDeleted = set.metadata.deletionTimestamp !== undefined;
  const missing = set.spec.replicas - active.length;
  const changes = isDeleted ? [] : missing > 0 ? creations(set, missing) : deletions(active, related, -missing, now);
  const status = statusOf(set, owned, now);
  return {
    writes: [...claims, changes, ...statusWrites(set, status)],
    failed: (error, write) => (changes.includes(write) ? statusWrites(set, withFailure(set, status, error, missing, now)) : []),
    ...requeue(set, active, now),
  };
}

function creations(set: ReplicaSet, missing: number): Write[] {
  const write: Write = {
    do: "create", kind: Pod, object: podOf(set),
    created: { reason: "SuccessfulCreate", message: (name) => `Created pod: ${name}` },
    failed: { reason: "FailedCreate", message: (error) => `Error creating: ${error}` },
  };
  return Array.from({ length: Math.min(missing, burst) }, () => write);
}

function podOf({ apiVersion, kind, metadata, spec: { template } }: ReplicaSet): New<Pod> {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: metadata.namespace, generateName: `${metadata.name}-`, labels, annotations, finalizers,
      ownerReferences: [controllerReference({ metadata }, apiVersion, kind)],
    },
    spec: template?.spec,
  };
}

function deletions(active: readonly Pod[], related: readonly Pod[], surplus: number, now: number): Write[] {
  if (surplus <= 0) return [];
  const chosen = surplus < active.length ? deletionOrder(active, related.filter(isActive), now) : active;
  return chosen.slice(0, Math.min(surplus, burst)).map(({ metadata: { namespace, name, uid } }) => ({
    do: "delete", kind: Pod, namespace, name, options: { preconditions: { uid } },
    deleted: { reason: "SuccessfulDelete", message: () => `Deleted pod: ${name}` },
    failed: { reason: "FailedDelete", message: (error) => `Error deleting: ${error}` },
  }));
}

function statusOf(set: ReplicaSet, owned: readonly Pod[], now: number): ReplicaSetStatus {
  const active = owned.filter(isActive);
  const ofTemplate = selectorFromLabels(set.spec.template?.metadata.labels);
  const conditions = set.status.conditions?.filter(({ type }) => type !== "ReplicaFailure") ?? [];
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) => ofTemplate.matches(metadata.labels)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now) === 0).length,
    terminatingReplicas: owned.filter(isTerminating).length,
    observedGeneration: set.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function withFailure(set: ReplicaSet, status: ReplicaSetStatus, error: Error, missing: number, now: number): ReplicaSetStatus {
  const failure: ReplicaSetCondition = set.status.conditions?.find(({ type }) => type === "ReplicaFailure") ?? {
    type: "ReplicaFailure", status: "True", reason: missing > 0 ? "FailedCreate" : "FailedDelete", message: error.message,
    lastTransitionTime: formatTime(now),
  };
  return { ...status, conditions: [...(status.conditions ?? []), failure] };
}

/** A counter of 0 and an absent one say the same. */
function statusWrites(set: ReplicaSet, status: ReplicaSetStatus): Write[] {
  const zero = { fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0, terminatingReplicas: 0 };
  if (semanticallyEqual({ ...zero, ...set.status }, status)) return [];
  return [updateStatus(ReplicaSet, { ...set, status })];
}

/** Looks again when the next pod has been ready for long enough. */
function requeue(set: ReplicaSet, active: readonly Pod[], now: number): Pick<Outcome, "requeueAfterMilliseconds"> {
  const waits = active.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now)).filter((wait) => wait !== undefined && wait > 0);
  return waits.length === 0 ? {} : { requeueAfterMilliseconds: Math.min(...(waits as number[])) };
}
