import type { PodDisruptionBudget } from "#api/generated/policy-v1.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import type { NodeInfo } from "../../node-info.ts";
import type { Situation } from "../../plugin.ts";
import type { PodInfo } from "../../pod-info.ts";
import { type Refusal, refusal } from "../../refusals.ts";
import { candidate, type Candidate, startOf } from "./candidate.ts";

const nobody = refusal("DefaultPreemption", true, "No preemption victims found for incoming pod");

/**
 * The pods that would have to leave the node: all less important ones go, then as many as possible come back, those that a budget protects
 * and the most important first. Afterwards the cluster's state is as it was.
 * @returns a refusal where the pod would not fit even so
 */
export function victimsOn(pod: PodInfo, node: NodeInfo, situation: Situation): Candidate | Refusal {
  const lesser: PodInfo[] = [];
  for (const other of node.pods.values()) if (other.priority < pod.priority) lesser.push(other);
  if (lesser.length === 0) return nobody;
  lesser.sort(moreImportantFirst);
  return situation.cluster.supposing(node, () => fewestOf(lesser, node, situation));
}

function fewestOf(lesser: readonly PodInfo[], node: NodeInfo, situation: Situation): Candidate | Refusal {
  const { cluster } = situation;
  for (const other of lesser) cluster.supposeRemoved(other, node);
  const refused = situation.refusalOf(node);
  if (refused) {
    for (const other of lesser) cluster.supposeAdded(other, node);
    return refused;
  }
  const { violating, harmless } = byBudget(lesser, cluster.objects.podDisruptionBudgets.list());
  const staysAway = (other: PodInfo): boolean => {
    cluster.supposeAdded(other, node);
    const isInTheWay = situation.refusalOf(node) !== undefined;
    if (isInTheWay) cluster.supposeRemoved(other, node);
    return isInTheWay;
  };
  const violations = violating.filter(staysAway);
  const victims = [...violations, ...harmless.filter(staysAway)].sort(moreImportantFirst);
  for (const victim of victims) cluster.supposeAdded(victim, node);
  return victims.length === 0 ? nobody : candidate(node, victims, violations.length);
}

export function moreImportantFirst(one: PodInfo, other: PodInfo): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  const [a, b] = [startOf(one), startOf(other)];
  return a === b ? 0 : a - b;
}

/** A budget is violated by each pod beyond those that it lets go now. */
function byBudget(
  pods: readonly PodInfo[], budgets: Iterable<PodDisruptionBudget>,
): { readonly violating: readonly PodInfo[]; readonly harmless: readonly PodInfo[] } {
  const read = Array.from(budgets, ({ metadata: { namespace }, spec, status: { disruptedPods = {}, disruptionsAllowed } }) => ({
    namespace, selector: selectorFromObject(spec.selector), going: disruptedPods, left: disruptionsAllowed,
  }));
  const violating: PodInfo[] = [];
  const harmless: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const budget of read) {
      if (budget.namespace !== pod.namespace || budget.selector.isEmpty || !budget.selector.matches(pod.labels) || pod.name in budget.going) continue;
      budget.left--;
      if (budget.left < 0) violates = true;
    }
    (violates ? violating : harmless).push(pod);
  }
  return { violating, harmless };
}
