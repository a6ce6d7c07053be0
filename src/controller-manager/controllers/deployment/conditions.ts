import type { Deployment } from "#api/apps/deployment.ts";
import type { DeploymentCondition } from "#api/generated/apps-v1.ts";
import { formatTime } from "#machinery/time.ts";

export type Conditions = readonly DeploymentCondition[];

const noDeadline = 2 ** 31 - 1;

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadline;
}

export function conditionOf(conditions: Conditions, type: string): DeploymentCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function withoutCondition(conditions: Conditions, type: string): Conditions {
  return conditions.filter((condition) => condition.type !== type);
}

export interface NewCondition {
  readonly type: "Progressing" | "Available" | "ReplicaFailure";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** Same status and reason: nothing changes. Same status: the time of transition stays. */
export function withCondition(conditions: Conditions, wanted: NewCondition, now: number): Conditions {
  const current = conditionOf(conditions, wanted.type);
  if (current?.status === wanted.status && current.reason === wanted.reason) return conditions;
  return [...withoutCondition(conditions, wanted.type), dated(wanted, current, now)];
}

/** As `withCondition`, but the update is recorded even where only time has passed: the progress deadline counts from it. */
export function withProgress(conditions: Conditions, wanted: NewCondition, now: number): Conditions {
  return [...withoutCondition(conditions, wanted.type), dated(wanted, conditionOf(conditions, wanted.type), now)];
}

function dated(wanted: NewCondition, current: DeploymentCondition | undefined, now: number): DeploymentCondition {
  const time = formatTime(now);
  return { ...wanted, lastUpdateTime: time, lastTransitionTime: current?.status === wanted.status ? (current.lastTransitionTime ?? time) : time };
}

/** A pause stops the clock of the progress deadline, unless it has struck already. */
export function withPause(deployment: Deployment, conditions: Conditions, now: number): Conditions {
  const reason = conditionOf(conditions, "Progressing")?.reason;
  if (!hasDeadline(deployment) || reason === "ProgressDeadlineExceeded") return conditions;
  const paused = deployment.spec.paused === true;
  if (paused === (reason === "DeploymentPaused")) return conditions;
  const wanted = paused
    ? { reason: "DeploymentPaused", message: "Deployment is paused" }
    : { reason: "DeploymentResumed", message: "Deployment is resumed" };
  return withCondition(conditions, { type: "Progressing", status: "Unknown", ...wanted }, now);
}
