import type { HorizontalPodAutoscaler, HPAScalingRules } from "#api/generated/autoscaling-v2.ts";
import type { Change, Memory } from "./memory.ts";

/** How many pods it will be, and what kept the wish from coming true, if anything did. */
export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

const defaultDownWindowSeconds = 300;

/** Brings a wish within what recent wishes allow: the lowest of them on the way up, the highest on the way down. */
export function stabilized({ spec: { behavior } }: HorizontalPodAutoscaler, current: number, wish: number, memory: Memory, now: number): Limited {
  const upWindow = behavior ? (behavior.scaleUp?.stabilizationWindowSeconds ?? 0) : 0;
  const downWindow = behavior?.scaleDown?.stabilizationWindowSeconds ?? defaultDownWindowSeconds;
  const within = (seconds: number): number[] =>
    memory.recommendations.filter(({ at }) => at > now - seconds * 1000).map(({ replicas: wished }) => wished);
  const lowest = Math.min(wish, ...within(upWindow));
  const highest = Math.max(wish, ...within(downWindow));
  const replicas = Math.min(Math.max(current, lowest), highest);
  if (replicas === wish) return { replicas, reason: "ReadyForNewScale", message: "recommended size matches current size" };
  const isUp = wish >= current;
  const [than, applied] = isUp ? ["lower", "lowest"] : ["higher", "highest"];
  const message = `recent recommendations were ${than} than current one, applying the ${applied} recent recommendation`;
  return { replicas, reason: isUp ? "ScaleUpStabilized" : "ScaleDownStabilized", message };
}

/** Brings a wish within the bounds of the spec and the pace that it sets. */
export function limited(autoscaler: HorizontalPodAutoscaler, current: number, wish: number, memory: Memory, now: number): Limited {
  const { minReplicas, maxReplicas, behavior } = autoscaler.spec;
  if (wish > current) {
    const pace = Math.max(current, behavior?.scaleUp ? fastestUp(current, behavior.scaleUp, memory, now) : Math.max(2 * current, 4));
    if (wish > Math.min(pace, maxReplicas)) return maxReplicas > pace ? tooFast(pace, "ScaleUpLimit", "increasing") : tooMany(maxReplicas);
  } else if (wish > maxReplicas) return tooMany(maxReplicas);
  if (wish < current) {
    const pace = Math.min(current, behavior?.scaleDown ? fastestDown(current, behavior.scaleDown, memory, now) : minReplicas);
    if (wish < Math.max(pace, minReplicas)) return minReplicas < pace ? tooFast(pace, "ScaleDownLimit", "decreasing") : tooFew(minReplicas);
  } else if (wish < minReplicas) return tooFew(minReplicas);
  return { replicas: wish, reason: "DesiredWithinRange", message: "the desired count is within the acceptable range" };
}

function tooFast(replicas: number, reason: string, direction: string): Limited {
  return { replicas, reason, message: `the desired replica count is ${direction} faster than the maximum scale rate` };
}

function tooMany(replicas: number): Limited {
  return { replicas, reason: "TooManyReplicas", message: "the desired replica count is more than the maximum replica count" };
}

function tooFew(replicas: number): Limited {
  return { replicas, reason: "TooFewReplicas", message: "the desired replica count is less than the minimum replica count" };
}

function fastestUp(current: number, rules: HPAScalingRules, memory: Memory, now: number): number {
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = atStart(current, periodSeconds, memory, now);
    // Rounded up: otherwise few pods could never become more.
    return type === "Percent" ? Math.ceil(before * (1 + value / 100)) : before + value;
  });
  if (rules.selectPolicy === "Disabled") return current;
  return rules.selectPolicy === "Min" ? Math.min(...proposals) : Math.max(...proposals);
}

function fastestDown(current: number, rules: HPAScalingRules, memory: Memory, now: number): number {
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = atStart(current, periodSeconds, memory, now);
    return type === "Percent" ? Math.trunc(before * (1 - value / 100)) : before - value;
  });
  if (rules.selectPolicy === "Disabled") return current;
  return rules.selectPolicy === "Min" ? Math.max(...proposals) : Math.min(...proposals);
}

/** How many pods there were when the period began. */
function atStart(current: number, periodSeconds: number, { ups, downs }: Memory, now: number): number {
  const sum = (changes: readonly Change[]): number =>
    changes.filter(({ at }) => at > now - periodSeconds * 1000).reduce((total, { by }) => total + by, 0);
  return current - sum(ups) + sum(downs);
}
