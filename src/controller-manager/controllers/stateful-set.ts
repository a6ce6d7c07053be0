import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { StatefulSet } from "#api/apps/stateful-set.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import type { StatefulSetStatus } from "#api/generated/apps-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import { claim } from "../claims.ts";
import { type Caches, type Controller, type Outcome, withoutOwner, type Write } from "../controller.ts";
import { soonestAvailableIn } from "../pods.ts";
import { type CurrentRevision, currentRevision, revisionName, superfluousRevisions, templateOfRevision } from "../revisions.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController, keyOf } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";
import { updateStatus } from "../writes.ts";
import { claimNames, type Claims } from "./stateful-set/claims.ts";
import { ordinalOf, podName, revisionOf, startOf } from "./stateful-set/identity.ts";
import { statusOf } from "./stateful-set/status.ts";
import { takeStep } from "./stateful-set/steps.ts";

const hashLabel = "controller.kubernetes.io/hash";

interface World {
  /** Pods of this set and pods of no owner, in its namespace. */
  readonly candidates: readonly Pod[];
  /** Likewise its remembered templates. */
  readonly revisions: readonly ControllerRevision[];
  /** What has the name that a revision of the present template would get. */
  readonly namesake: ControllerRevision | undefined;
  readonly claims: Claims;
  /** Names of the set's pods that pods of others have. */
  readonly taken: ReadonlySet<string>;
}

/** Keeps pods that have names, numbers and storage of their own (API reference: apps/v1 StatefulSet). */
export const statefulSetController: Controller<StatefulSet, World> = {
  name: "statefulset-controller",
  permissions: [
    allow("list watch", "", "pods"),
    allow("get list watch", "apps", "statefulsets"),
    allow("update", "apps", "statefulsets/status statefulsets/finalizers"),
    allow("get create delete update patch", "", "pods"),
    allow("get create delete update patch list watch", "apps", "controllerrevisions"),
    allow("get create update delete", "", "persistentvolumeclaims"),
  ],
  kind: StatefulSet,
  watches: [
    { kind: Pod, keys: setsOfPod },
    { kind: ControllerRevision, keys: controlledBy(StatefulSet) },
    { kind: PersistentVolumeClaim, keys: setsOfClaim },
  ],
  observe,
  reconcile,
};

export const statefulSet = defineController(statefulSetController);

/** The pod's set; for a pod that nobody owns, every set that might adopt it. */
function setsOfPod(pod: KubeObject, caches: Caches): string[] {
  if (controllerOf(pod)) return controlledBy(StatefulSet)(pod);
  const sets = caches.of(StatefulSet).inNamespace(pod.metadata.namespace);
  return sets.filter((set) => belongs(set, pod as Pod)).map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

function belongs(set: StatefulSet, pod: Pod): boolean {
  return ordinalOf(set, pod) !== undefined && selectorOf(set.spec.selector).matches(pod.metadata.labels);
}

/** The set whose pods wait for the claim to go, or lack it: claims are named after their pods. */
function setsOfClaim(claim: KubeObject, caches: Caches): string[] {
  const { namespace, name } = claim.metadata;
  const pod = /^(.*)-\d+$/.exec(name)?.[1] ?? "";
  const sets = caches.of(StatefulSet).inNamespace(namespace).filter(({ metadata }) => pod.endsWith(`-${metadata.name}`));
  return sets.map(({ metadata }) => keyOf(namespace, metadata.name));
}

function observe(set: StatefulSet, caches: Caches): World {
  const { namespace, uid } = set.metadata;
  const owned = caches.of(Pod).byIndex("owner", uid);
  const revisions = caches.of(ControllerRevision);
  const claims = caches.of(PersistentVolumeClaim);
  const places = Array.from({ length: set.spec.replicas }, (_, index) => startOf(set) + index);
  const ordinals = new Set([...places, ...owned.flatMap((pod) => ordinalOf(set, pod) ?? [])]);
  const names = [...ordinals].flatMap((ordinal) => claimNames(set, ordinal));
  const namesakes = places.flatMap((ordinal) => caches.of(Pod).get(namespace, podName(set, ordinal)) ?? []);
  return {
    candidates: [...owned, ...caches.of(Pod).byIndex("owner", withoutOwner(namespace))],
    revisions: [...revisions.byIndex("owner", uid), ...revisions.byIndex("owner", withoutOwner(namespace))],
    namesake: revisions.get(namespace, revisionName(set, set.status.collisionCount ?? 0)),
    claims: new Map(names.flatMap((name) => {
      const found = claims.get(namespace, name);
      return found ? [[name, found] as const] : [];
    })),
    taken: new Set(namesakes.filter((pod) => isForeign(set, pod)).map(({ metadata }) => metadata.name)),
  };
}

function isForeign(set: StatefulSet, pod: Pod): boolean {
  const owner = controllerOf(pod);
  return owner ? owner.uid !== set.metadata.uid : !belongs(set, pod);
}

function reconcile(set: StatefulSet, world: World, now: number): Outcome {
  const { candidates, revisions: found, namesake } = world;
  const selector = selectorOf(set.spec.selector);
  const { owned: pods, writes: podClaims } = claim(set, (pod) => belongs(set, pod), Pod, candidates);
  const { owned: revisions, writes: revisionClaims } = claim(set, ({ metadata }) => selector.matches(metadata.labels), ControllerRevision, found);
  if (podClaims.length + revisionClaims.length > 0) return { writes: [...podClaims, ...revisionClaims] };
  if (set.metadata.deletionTimestamp !== undefined) {
    const { currentRevision: current = "", updateRevision = "" } = set.status;
    return { writes: statusWrites(set, statusOf(set, pods, current, updateRevision, now)) };
  }
  const updated = currentRevision(set, revisions, hashLabel, set.status.collisionCount ?? 0);
  if (namesake && updated.writes.some((write) => write.do === "create")) return collide(set);
  return act(set, pods, revisions, updated, world, now);
}

function act(
  set: StatefulSet, pods: readonly Pod[], revisions: readonly ControllerRevision[], updated: CurrentRevision, { claims, taken }: World, now: number,
): Outcome {
  const current = revisions.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? updated.revision;
  const [currentName, updatedName] = [current.metadata.name, updated.revision.metadata.name];
  const step = takeStep({
    set, pods, claims, taken, now,
    current: { revision: currentName, template: templateOfRevision(current) ?? set.spec.template },
    updated: { revision: updatedName, template: set.spec.template },
  });
  const live = new Set([currentName, updatedName, ...pods.map((pod) => revisionOf(pod) ?? "")]);
  const status = statusWrites(set, statusOf(set, pods, currentName, updatedName, now));
  const soonest = Math.min(step.wait, soonestAvailableIn(pods, set.spec.minReadySeconds, now) ?? Infinity);
  return {
    events: step.events,
    writes: [...updated.writes, step.claims, step.pods, ...superfluousRevisions(set, revisions, live), ...status],
    failed: (_error, failed) => (step.pods.includes(failed) || step.claims.includes(failed) ? status : []),
    requeueAfterMilliseconds: soonest === Infinity ? undefined : soonest,
  };
}

/** Another revision has the name: the next hash is taken with a higher count, and thus another name. */
function collide(set: StatefulSet): Outcome {
  const collisionCount = (set.status.collisionCount ?? 0) + 1;
  return { writes: [updateStatus(StatefulSet, { ...set, status: { ...set.status, collisionCount } })] };
}

/** A counter of 0 and an absent one say the same. */
function statusWrites(set: StatefulSet, status: StatefulSetStatus): Write[] {
  return semanticallyEqual({ ...nothing, ...set.status }, status) ? [] : [updateStatus(StatefulSet, { ...set, status })];
}

const nothing = { readyReplicas: 0, availableReplicas: 0, currentReplicas: 0, updatedReplicas: 0 };
