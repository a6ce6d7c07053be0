import type { Container, Pod } from "#api/generated/core-v1.ts";
import type { AnyContainer, ContainerRole } from "./containers.ts";
import type { ObservedContainer } from "./runtime/observed.ts";

/** Waits between restarts of one container: doubles with each, and starts anew when a run lasted long enough. */
export interface BackOff {
  readonly delayMilliseconds: number;
  /** When the container was last restarted. */
  readonly restartedAt: number;
}

const firstDelayMilliseconds = 10_000;
const longestDelayMilliseconds = 300_000;
const forgottenAfterMilliseconds = 600_000;

/** When a container that finished at `finishedAt` may start again. */
export function restartDueAt(backOff: BackOff | undefined, finishedAt: number): number {
  if (backOff === undefined || finishedAt - backOff.restartedAt > forgottenAfterMilliseconds) return finishedAt;
  return finishedAt + backOff.delayMilliseconds;
}

/** The back-off that follows a restart at `now` of a container that finished at `finishedAt`. */
export function backOffAfterRestart(backOff: BackOff | undefined, finishedAt: number, now: number): BackOff {
  const fresh = backOff === undefined || finishedAt - backOff.restartedAt > forgottenAfterMilliseconds;
  const delayMilliseconds = fresh ? firstDelayMilliseconds : Math.min(backOff.delayMilliseconds * 2, longestDelayMilliseconds);
  return { delayMilliseconds, restartedAt: now };
}

/**
 * Whether a container that ended should run again. The container's own rules come first, then its own policy, then the pod's
 * (KEP-753 for sidecars, KEP-5307 for policies of single containers).
 */
export function shouldRestart(pod: Pod, container: AnyContainer, role: ContainerRole, ended: ObservedContainer): boolean {
  if (role === "ephemeral" || pod.metadata.deletionTimestamp !== undefined) return false;
  if (role === "sidecar") return true;
  if (ended.state === "Created" || ended.state === "Unknown") return true;
  const exitCode = ended.exitCode ?? 0;
  if (container.restartPolicyRules?.some((rule) => ruleApplies(rule, exitCode))) return true;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy;
  if (policy === "Never") return false;
  // An init container that succeeded is done, whatever the policy.
  return policy === "Always" && role === "main" ? true : exitCode !== 0;
}

type Rule = NonNullable<Container["restartPolicyRules"]>[number];

function ruleApplies(rule: Rule, exitCode: number): boolean {
  if (rule.exitCodes === undefined || !rule.action.startsWith("Restart")) return false;
  const listed = rule.exitCodes.values?.includes(exitCode) ?? false;
  return rule.exitCodes.operator === "NotIn" ? !listed : listed;
}
