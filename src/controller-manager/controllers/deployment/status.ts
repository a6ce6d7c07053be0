import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import type { DeploymentStatus } from "#api/generated/apps-v1.ts";
import { parseTime } from "#machinery/time.ts";
import { boundsOf } from "./bounds.ts";
import { conditionOf, type Conditions, hasDeadline, withCondition, withoutCondition, withProgress } from "./conditions.ts";
import type { Revisions } from "./revisions.ts";

/** Counts, and whether enough pods are available. @param conditions what is known so far */
export function countedStatus(deployment: Deployment, { current, old }: Revisions, conditions: Conditions, now: number): DeploymentStatus {
  const sets = current ? [...old, current] : old;
  const sum = (count: (set: ReplicaSet) => number | undefined): number => sets.reduce((total, set) => total + (count(set) ?? 0), 0);
  const available = sum(({ status }) => status.availableReplicas);
  const enough = available >= deployment.spec.replicas - boundsOf(deployment).maxUnavailable;
  const { collisionCount } = deployment.status;
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(({ status }) => status.replicas),
    updatedReplicas: current?.status.replicas ?? 0,
    readyReplicas: sum(({ status }) => status.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec.replicas) - available),
    terminatingReplicas: sum(({ status }) => status.terminatingReplicas),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, {
      type: "Available",
      status: enough ? "True" : "False",
      reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      message: enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
    }, now),
  };
}

/** As `countedStatus`, with how the rollout gets on and what hinders it. */
export function rolloutStatus(deployment: Deployment, revisions: Revisions, conditions: Conditions, now: number): DeploymentStatus {
  const status = countedStatus(deployment, revisions, conditions, now);
  const progressed = withRolloutProgress(deployment, revisions, status, now);
  const failure = failureOf(revisions);
  return { ...status, conditions: failure ? withCondition(progressed, failure, now) : withoutCondition(progressed, "ReplicaFailure") };
}

/** Whether all pods are of the current template and available. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  return [updatedReplicas, replicas, availableReplicas].every((count) => count === spec.replicas) && observedGeneration >= (metadata.generation ?? 0);
}

/** Milliseconds until the progress deadline may strike; `undefined` when it cannot. */
export function deadlineIn(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const progressing = conditionOf(status.conditions ?? [], "Progressing");
  if (!hasDeadline(deployment) || !progressing || deployment.spec.paused) return undefined;
  if (isComplete(deployment, status) || progressing.reason === "ProgressDeadlineExceeded") return undefined;
  const since = parseTime(progressing.lastUpdateTime ?? "") ?? now;
  // A second more, for times are kept in whole seconds.
  return Math.max(0, since + deployment.spec.progressDeadlineSeconds * 1000 - now) + 1000;
}

function withRolloutProgress(deployment: Deployment, { current }: Revisions, status: DeploymentStatus, now: number): Conditions {
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return withoutCondition(conditions, "Progressing");
  const wasComplete = status.replicas === status.updatedReplicas && conditionOf(conditions, "Progressing")?.reason === "NewReplicaSetAvailable";
  if (wasComplete) return conditions;
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const reached = { status: "True", reason: "NewReplicaSetAvailable", message: `${subject} has successfully progressed.` } as const;
    return withCondition(conditions, { type: "Progressing", ...reached }, now);
  }
  if (progresses(deployment.status, status)) {
    const moved = { status: "True", reason: "ReplicaSetUpdated", message: `${subject} is progressing.` } as const;
    return withProgress(conditions, { type: "Progressing", ...moved }, now);
  }
  if (hasTimedOut(deployment, conditions, now)) {
    const stuck = { status: "False", reason: "ProgressDeadlineExceeded", message: `${subject} has timed out progressing.` } as const;
    return withCondition(conditions, { type: "Progressing", ...stuck }, now);
  }
  return conditions;
}

/** More pods of the current template, fewer of old ones, or more that are ready or available. */
function progresses(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) || oldPods(after) < oldPods(before)
    || (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) || (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0);
}

function hasTimedOut({ spec }: Deployment, conditions: Conditions, now: number): boolean {
  const progressing = conditionOf(conditions, "Progressing");
  if (!progressing || progressing.reason === "NewReplicaSetAvailable") return false;
  if (progressing.reason === "ProgressDeadlineExceeded") return true;
  return (parseTime(progressing.lastUpdateTime ?? "") ?? now) + spec.progressDeadlineSeconds * 1000 < now;
}

/** Why a set cannot have its pods; the current set's reason counts most. */
function failureOf({ current, old }: Revisions): { type: "ReplicaFailure"; status: "True"; reason: string; message: string } | undefined {
  for (const set of current ? [current, ...old] : old) {
    const failure = set.status.conditions?.find(({ type }) => type === "ReplicaFailure");
    if (failure) return { type: "ReplicaFailure", status: "True", reason: failure.reason ?? "", message: failure.message ?? "" };
  }
  return undefined;
}
