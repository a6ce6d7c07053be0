import type { Pod } from "#api/core/pod.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import { forbidden, serviceUnavailable, StatusError, tooManyRequests } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { ResourceContext } from "../endpoints/resource-context.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import type { CachedObject } from "../watch-cache/cached-object.ts";

const mostDisruptedPods = 2000;
const retrySeconds = 10;
const attempts = 20;
const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * Takes one disruption from the pod's budget and notes the pod there, so that the budget knows of it before the pod is gone.
 * @throws StatusError (429) where the budget does not allow it, (403), (500) where there are several budgets
 */
export async function spendBudget(context: ResourceContext, pod: Pod, dryRun: boolean): Promise<void> {
  const budgets = context.parts.registry.of(PodDisruptionBudget)?.storage;
  if (!budgets) return;
  await budgets.current();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = budgetOf(budgets, pod);
    if (!current || goesAnyway(pod, current.object as PodDisruptionBudget)) return;
    const next = withDisruption(current.object as PodDisruptionBudget, pod, formatTime(context.parts.clock.now()));
    if (dryRun || (await budgets.replace(current, next))) return;
  }
  throw serviceUnavailable("the pod's disruption budget is being changed by others too often, try again");
}

function budgetOf(budgets: ObjectStorage, { metadata }: Pod): CachedObject | undefined {
  const covering = budgets.list(metadata.namespace).filter(({ object }) => {
    const { selector } = (object as PodDisruptionBudget).spec;
    return selector !== undefined && selectorFromObject(selector).matches(metadata.labels);
  });
  if (covering.length > 1) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new StatusError({ code: 500, reason: "InternalError", message });
  }
  return covering[0];
}

/** A pod that is not healthy is no loss: always, or as long as enough others are (KEP-3017). */
function goesAnyway({ status: { conditions = [] } }: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (conditions.some(({ type, status: is }) => type === "Ready" && is === "True")) return false;
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

function withDisruption(budget: PodDisruptionBudget, pod: Pod, time: string): PodDisruptionBudget {
  const { metadata: { name, generation = 0 }, status } = budget;
  const { disruptionsAllowed, disruptedPods = {}, observedGeneration = 0 } = status;
  if (observedGeneration < generation) throw refused(`The disruption budget ${name} is still being processed by the server.`, retrySeconds);
  if (disruptionsAllowed < 0) throw forbidden(PodDisruptionBudget.resource, name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > mostDisruptedPods) {
    throw forbidden(PodDisruptionBudget.resource, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (disruptionsAllowed === 0) throw refused(whyNot(budget), 0);
  const left = disruptionsAllowed - 1;
  const conditions = (status.conditions ?? []).map((condition) => (condition.type !== "DisruptionAllowed" || left > 0 ? condition
    : { ...condition, status: "False" as const, reason: "InsufficientPods", lastTransitionTime: time }));
  return { ...budget, status: { ...status, conditions, disruptionsAllowed: left, disruptedPods: { ...disruptedPods, [pod.metadata.name]: time } } };
}

function whyNot({ metadata: { name }, status: { desiredHealthy, currentHealthy, conditions = [] } }: PodDisruptionBudget): string {
  const failure = conditions.find(({ type, status, reason }) => type === "DisruptionAllowed" && status === "False" && reason === "SyncFailed");
  if (failure) return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failure.message}`;
  return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
}

function refused(why: string, retryAfterSeconds: number): StatusError {
  return tooManyRequests(refusal, retryAfterSeconds, [{ reason: "DisruptionBudget", message: why }]);
}
