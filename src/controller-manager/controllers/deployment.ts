import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Pod } from "#api/core/pod.ts";
import type { DeploymentStatus } from "#api/generated/apps-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import { isAlreadyExists } from "#machinery/status-error.ts";
import { claim } from "../claims.ts";
import { type Caches, type Controller, type Outcome, withoutOwner, type Write } from "../controller.ts";
import { isFinished } from "../pods.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController, keyOf } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";
import { updateStatus } from "../writes.ts";
import { revisionAnnotation } from "./deployment/annotations.ts";
import { type Conditions, hasDeadline, withCondition, withPause } from "./deployment/conditions.ts";
import { newSet, type Revisions, revisionsOf, setName } from "./deployment/revisions.ts";
import { type Rollout, type Step, takeStep } from "./deployment/steps.ts";
import { countedStatus, deadlineIn, rolloutStatus } from "./deployment/status.ts";
import { cleanups, creation, resizes } from "./deployment/writes.ts";

interface World {
  /** Sets of this deployment and sets of no owner, in its namespace. */
  readonly candidates: readonly ReplicaSet[];
  /** The set that has the name which a set for the current template would get. */
  readonly namesake: ReplicaSet | undefined;
  /** By the uid of their set, how many pods have not ended. Only counted where pods are recreated. */
  readonly running: ReadonlyMap<string, number>;
}

/** Brings pods to a new template, step by step (API reference: apps/v1 Deployment). */
export const deploymentController: Controller<Deployment, World> = {
  name: "deployment-controller",
  permissions: [
    allow("get list watch update", "apps", "deployments"),
    allow("update", "apps", "deployments/status deployments/finalizers"),
    allow("get list watch create update patch delete", "apps", "replicasets"),
    allow("get list watch update", "", "pods"),
  ],
  kind: Deployment,
  watches: [{ kind: ReplicaSet, keys: deploymentsOfSet }, { kind: Pod, keys: deploymentOfPod }],
  observe,
  reconcile,
};

export const deployment = defineController(deploymentController);

/** The set's deployment; for a set that nobody owns, every deployment that might adopt it. */
function deploymentsOfSet(set: KubeObject, caches: Caches): string[] {
  if (controllerOf(set)) return controlledBy(Deployment)(set);
  const deployments = caches.of(Deployment).inNamespace(set.metadata.namespace);
  return deployments
    .filter(({ spec }) => selectorOf(spec.selector).matches(set.metadata.labels))
    .map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

/** Pods matter only where all old ones have to be gone before the first new one is made. */
function deploymentOfPod(pod: KubeObject, caches: Caches): string[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== "ReplicaSet") return [];
  const set = caches.of(ReplicaSet).get(pod.metadata.namespace, owner.name);
  const [key] = set ? controlledBy(Deployment)(set) : [];
  const found = set && caches.of(Deployment).get(set.metadata.namespace, controllerOf(set)?.name ?? "");
  return key !== undefined && found?.spec.strategy.type === "Recreate" ? [key] : [];
}

function observe(deployment: Deployment, caches: Caches): World {
  const sets = caches.of(ReplicaSet);
  const { namespace, uid } = deployment.metadata;
  const candidates = [...sets.byIndex("owner", uid), ...sets.byIndex("owner", withoutOwner(namespace))];
  const recreates = deployment.spec.strategy.type === "Recreate";
  const pods = caches.of(Pod);
  const runningOf = (set: ReplicaSet): number => pods.byIndex("owner", set.metadata.uid).filter((pod) => !isFinished(pod)).length;
  return {
    candidates,
    namesake: sets.get(namespace, setName(deployment)),
    running: new Map(recreates ? candidates.map((set) => [set.metadata.uid, runningOf(set)]) : []),
  };
}

function reconcile(deployment: Deployment, { candidates, namesake, running }: World, now: number): Outcome {
  if (selectsAll(deployment)) return refuseToSelectAll(deployment);
  const selector = selectorOf(deployment.spec.selector);
  const { owned, writes: claims } = claim(deployment, ({ metadata }) => selector.matches(metadata.labels), ReplicaSet, candidates);
  if (claims.length > 0) return { writes: claims };
  const revisions = revisionsOf(deployment, owned);
  const conditions = deployment.status.conditions ?? [];
  if (deployment.metadata.deletionTimestamp !== undefined) {
    return { writes: statusWrites(deployment, revisions, countedStatus(deployment, revisions, conditions, now)) };
  }
  const step = takeStep({ deployment, revisions, running });
  if (step.creates && namesake) return collide(deployment);
  return act({ deployment, revisions, running }, step, owned, withPause(deployment, conditions, now), now);
}

function act(
  { deployment, revisions }: Rollout, step: Step, owned: readonly ReplicaSet[], conditions: Conditions, now: number,
): Outcome {
  const made = step.creates ? creation(newSet(deployment, revisions.old), step.creates.replicas) : undefined;
  const after: Revisions = made ? { current: made.set, old: revisions.old } : revisions;
  const found = withFoundSet(deployment, after, conditions, made !== undefined, now);
  const status = (step.counts ? countedStatus : rolloutStatus)(deployment, after, found, now);
  return {
    writes: [
      ...(made ? [made.write] : []),
      ...resizes(deployment, owned, revisions, step.sizes),
      ...(step.cleansUp ? cleanups(deployment, revisions.old) : []),
      ...statusWrites(deployment, after, status),
    ],
    failed: (error, write) => (made && write === made.write ? createFailed(deployment, made.set, conditions, error, now) : []),
    requeueAfterMilliseconds: deadlineIn(deployment, status, now),
  };
}

/** A rollout's progress begins with the set that it is about. */
function withFoundSet(deployment: Deployment, { current }: Revisions, conditions: Conditions, isNew: boolean, now: number): Conditions {
  if (!current || !hasDeadline(deployment)) return conditions;
  if (!isNew && conditions.some(({ type }) => type === "Progressing")) return conditions;
  const wanted = isNew
    ? { reason: "NewReplicaSetCreated", message: `Created new replica set "${current.metadata.name}"` }
    : { reason: "FoundNewReplicaSet", message: `Found new replica set "${current.metadata.name}"` };
  return withCondition(conditions, { type: "Progressing", status: "True", ...wanted }, now);
}

function createFailed(deployment: Deployment, set: ReplicaSet, conditions: Conditions, error: Error, now: number): Write[] {
  if (!hasDeadline(deployment) || isAlreadyExists(error)) return [];
  const message = `Failed to create new replica set "${set.metadata.name}": ${error.message}`;
  const failed = withCondition(conditions, { type: "Progressing", status: "False", reason: "ReplicaSetCreateError", message }, now);
  return [updateStatus(Deployment, { ...deployment, status: { ...deployment.status, conditions: failed } })];
}

/** Another set has the name: the next hash is taken with a higher count, and thus another name. */
function collide(deployment: Deployment): Outcome {
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
  return { writes: [updateStatus(Deployment, { ...deployment, status: { ...deployment.status, collisionCount } })] };
}

/** Writes status and revision; a counter of 0 and an absent one say the same. */
function statusWrites(deployment: Deployment, { current }: Revisions, status: DeploymentStatus): Write[] {
  const revision = current?.metadata.annotations?.[revisionAnnotation];
  const { annotations } = deployment.metadata;
  const sameRevision = revision === undefined || annotations?.[revisionAnnotation] === revision;
  if (sameRevision && semanticallyEqual({ ...noReplicas, ...deployment.status }, status)) return [];
  const metadata = sameRevision ? deployment.metadata : { ...deployment.metadata, annotations: { ...annotations, [revisionAnnotation]: revision } };
  return [updateStatus(Deployment, { ...deployment, metadata, status })];
}

const noReplicas = { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, unavailableReplicas: 0, terminatingReplicas: 0 };

function selectsAll({ spec: { selector } }: Deployment): boolean {
  return selectorOf(selector).isEmpty;
}

function refuseToSelectAll(deployment: Deployment): Outcome {
  const { generation } = deployment.metadata;
  const seen = (deployment.status.observedGeneration ?? 0) >= (generation ?? 0);
  return {
    events: [{ type: "Warning", reason: "SelectingAll", message: "This deployment is selecting all pods. A non-empty selector is required." }],
    writes: seen ? [] : [updateStatus(Deployment, { ...deployment, status: { ...deployment.status, observedGeneration: generation } })],
  };
}
