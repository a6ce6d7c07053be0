import { Pod } from "#api/core/pod.ts";
import type { ReplicaSetCondition, ReplicaSetStatus } from "#api/generated/apps-v1.ts";
import type { PodTemplateSpec } from "#api/generated/core-v1.ts";
import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { type LabelSelector, selectorFromLabels } from "#machinery/label-selectors.ts";
import { controllerOf, controllerReference } from "#machinery/owner-references.ts";
import { formatTime, parseTime } from "#machinery/time.ts";
import { claim } from "../claims.ts";
import { type Caches, type Controller, type Outcome, withoutOwner, type Write } from "../controller.ts";
import { podCreation, podDeletion } from "../pod-writes.ts";
import { availableIn, isActive, isReady, isTerminating, soonestAvailableIn } from "../pods.ts";
import { controlledBy, keyOf } from "../runtime.ts";
import { updateStatus } from "../writes.ts";
import { deletionOrder } from "./deletion-order.ts";

/** So many pods are made or deleted before the set is looked at anew. */
const burst = 500;

/** When so many pods that were made within the last few seconds have failed, no more than one round of them is made a second. */
const manyFailures = 10;
const failureWindowMilliseconds = 10_000;
const pauseMilliseconds = 1_000;

/** A set of like pods: a ReplicaSet, or a ReplicationController. */
export interface Replicated extends KubeObject {
  readonly spec: { readonly replicas: number; readonly minReadySeconds?: number; readonly template?: PodTemplateSpec };
  readonly status: ReplicaSetStatus;
}

export interface ReplicasOptions<T extends Replicated> {
  readonly name: string;
  readonly permissions: readonly PolicyRule[];
  readonly kind: KindReference<T>;
  selectorOf(set: T): LabelSelector;
  /** Whether the kind's status says how many pods are being deleted. */
  readonly tellsTerminating: boolean;
}

export interface ReplicasWorld {
  /** Pods of this set and pods of no owner, in its namespace. */
  readonly candidates: readonly Pod[];
  /** Pods of all sets of the same owner (the deployment), this set's included: scaling down spreads these over the nodes. */
  readonly related: readonly Pod[];
}

/** Keeps as many pods of a template as are wanted. */
export function replicasController<T extends Replicated>(options: ReplicasOptions<T>): Controller<T, ReplicasWorld> {
  const { name, permissions, kind, selectorOf } = options;
  return {
    name,
    permissions,
    kind,
    watches: [{ kind: Pod, keys: (pod, caches) => setsOfPod(pod, kind, selectorOf, caches) }],
    observe: (set, caches) => observe(set, kind, caches),
    reconcile: (set, world, now) => reconcile(set, options, world, now),
  };
}

/** The pod's set; for a pod that nobody owns, every set that might adopt it. */
function setsOfPod<T extends Replicated>(
  pod: KubeObject, kind: KindReference<T>, selectorOf: ReplicasOptions<T>["selectorOf"], caches: Caches,
): string[] {
  if (controllerOf(pod)) return controlledBy(kind)(pod);
  const sets = caches.of(kind).inNamespace(pod.metadata.namespace);
  return sets.filter((set) => selectorOf(set).matches(pod.metadata.labels)).map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function observe<T extends Replicated>(set: T, kind: KindReference<T>, caches: Caches): ReplicasWorld {
  const pods = caches.of(Pod);
  const { namespace, uid } = set.metadata;
  const owned = pods.byIndex("owner", uid);
  const owner = controllerOf(set);
  const siblings = owner ? caches.of(kind).byIndex("owner", owner.uid).filter((sibling) => sibling.metadata.uid !== uid) : [];
  return {
    candidates: [...owned, ...pods.byIndex("owner", withoutOwner(namespace))],
    related: [...owned, ...siblings.flatMap((sibling) => pods.byIndex("owner", sibling.metadata.uid))],
  };
}

function reconcile<T extends Replicated>(set: T, options: ReplicasOptions<T>, { candidates, related }: ReplicasWorld, now: number): Outcome {
  const selector = options.selectorOf(set);
  const { owned, writes: claims } = claim(set, ({ metadata }) => selector.matches(metadata.labels), Pod, candidates);
  const active = owned.filter(isActive);
  const isDeleted = set.metadata.deletionTimestamp !== undefined;
  const missing = set.spec.replicas - active.length;
  const pause = missing > 0 ? pauseAfterFailures(owned, now) : 0;
  const changes = isDeleted || pause > 0 ? [] : missing > 0 ? creations(set, missing) : deletions(active, related, -missing, now);
  const status = statusOf(set, owned, options.tellsTerminating, now);
  const write = (wanted: ReplicaSetStatus): Write[] => statusWrites(set, options.kind, wanted);
  return {
    writes: [...claims, changes, ...write(status)],
    failed: (error, failed) => (changes.includes(failed) ? write(withFailure(set, status, error, missing, now)) : []),
    requeueAfterMilliseconds: pause > 0 ? pause : soonestAvailableIn(active, set.spec.minReadySeconds, now),
  };
}

/** Milliseconds to wait before the next pods are made: where a node refuses them all, they would fail as fast as they can be made. */
function pauseAfterFailures(owned: readonly Pod[], now: number): number {
  const made = owned.filter(({ status }) => status.phase === "Failed").map(({ metadata }) => parseTime(metadata.creationTimestamp) ?? 0);
  const recent = made.filter((at) => now - at < failureWindowMilliseconds);
  return recent.length < manyFailures ? 0 : Math.max(0, Math.max(...recent) + pauseMilliseconds - now);
}

function creations(set: Replicated, missing: number): Write[] {
  const write = podCreation(podOf(set));
  return Array.from({ length: Math.min(missing, burst) }, () => write);
}

function podOf({ apiVersion, kind, metadata, spec: { template } }: Replicated): New<Pod> {
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
  return chosen.slice(0, Math.min(surplus, burst)).map(podDeletion);
}

function statusOf(set: Replicated, owned: readonly Pod[], tellsTerminating: boolean, now: number): ReplicaSetStatus {
  const active = owned.filter(isActive);
  const ofTemplate = selectorFromLabels(set.spec.template?.metadata.labels);
  const conditions = set.status.conditions?.filter(({ type }) => type !== "ReplicaFailure") ?? [];
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) => ofTemplate.matches(metadata.labels)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now) === 0).length,
    ...(tellsTerminating ? { terminatingReplicas: owned.filter(isTerminating).length } : {}),
    observedGeneration: set.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function withFailure(set: Replicated, status: ReplicaSetStatus, error: Error, missing: number, now: number): ReplicaSetStatus {
  const failure: ReplicaSetCondition = set.status.conditions?.find(({ type }) => type === "ReplicaFailure") ?? {
    type: "ReplicaFailure", status: "True", reason: missing > 0 ? "FailedCreate" : "FailedDelete", message: error.message,
    lastTransitionTime: formatTime(now),
  };
  return { ...status, conditions: [...(status.conditions ?? []), failure] };
}

/** A counter of 0 and an absent one say the same. */
function statusWrites<T extends Replicated>(set: T, kind: KindReference<T>, status: ReplicaSetStatus): Write[] {
  return semanticallyEqual({ ...nothing, ...set.status }, { ...nothing, ...status }) ? [] : [updateStatus(kind, { ...set, status })];
}

const nothing = { fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0, terminatingReplicas: 0 };
