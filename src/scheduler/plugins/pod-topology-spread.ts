import type { TopologySpreadConstraint } from "#api/generated/core-v1.ts";
import type { PodTopologySpreadArgs } from "#api/generated/schedulerconfig-v1.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { PodTally } from "../cluster-state/pod-tally.ts";
import type { NodeInfo } from "../node-info.ts";
import { highest, mostPoints, type Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";
import { type Constraint, constraintsOf, defaultConstraintsOf, type Effect, hasAllKeys, spreadQuery } from "./pod-topology-spread/constraints.ts";

/** A constraint with its pods counted. */
interface Spread {
  readonly constraint: Constraint;
  readonly tally: PodTally;
  /** 1 where the pod itself matches the constraint. */
  readonly own: number;
}

interface Preference {
  readonly spreads: readonly { readonly constraint: Constraint; readonly tally: PodTally; readonly weight: number }[];
  /** Whether a node that lacks a label gets nothing. */
  readonly needsAllKeys: boolean;
  readonly constraints: readonly Constraint[];
}

const skewed = refusal("PodTopologySpread", false, "node(s) didn't match pod topology spread constraints");
const unlabeled = refusal("PodTopologySpread", true, "node(s) didn't match pod topology spread constraints (missing required label)");
const hostnameKey = "kubernetes.io/hostname";
const unscored = -1;

/** What pods without constraints get where nothing is said: they spread over nodes first, then over zones. */
const systemDefaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostnameKey, maxSkew: 3, whenUnsatisfiable: "ScheduleAnyway" },
  { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway" },
];

/** Spreads matching pods over domains as the pod's constraints say (KEP-895), or the cluster's defaults. */
export function podTopologySpread(given: PodTopologySpreadArgs = { defaultingType: "System" }): Plugin<readonly Spread[], Preference> {
  const isUsual = given.defaultingType === "System";
  const defaults = isUsual ? systemDefaults : (given.defaultConstraints ?? []);
  const constraintsFor = (pod: PodInfo, cluster: ClusterState, effect: Effect): readonly Constraint[] => {
    const own = pod.pod.spec.topologySpreadConstraints ?? [];
    return own.length > 0 ? constraintsOf(pod, own, effect) : defaultConstraintsOf(pod, cluster, defaults, effect);
  };
  return {
    name: "PodTopologySpread",
    prepare(pod, cluster) {
      const constraints = constraintsFor(pod, cluster, "DoNotSchedule");
      if (constraints.length === 0) return undefined;
      return constraints.map((constraint) => ({
        constraint, tally: cluster.tally(spreadQuery(pod, constraint, constraints)), own: constraint.selector.matches(pod.labels) ? 1 : 0,
      }));
    },
    filter(_pod, node, spreads) {
      for (const { constraint, tally, own } of spreads) {
        const domain = node.labels[constraint.topologyKey];
        if (domain === undefined) return unlabeled;
        const fewest = tally.counts.size < constraint.minDomains ? 0 : tally.counts.fewest;
        if (tally.counts.get(domain) + own - fewest > constraint.maxSkew) return skewed;
      }
      return undefined;
    },
    prepareScore(pod, nodes, cluster) {
      const constraints = constraintsFor(pod, cluster, "ScheduleAnyway");
      if (constraints.length === 0) return undefined;
      const needsAllKeys = (pod.pod.spec.topologySpreadConstraints ?? []).length > 0 || !isUsual;
      const scored = needsAllKeys ? nodes.filter((node) => hasAllKeys(node, constraints)) : nodes;
      const spreads = constraints.map((constraint) => ({
        constraint, tally: cluster.tally(spreadQuery(pod, constraint, needsAllKeys ? constraints : [])), weight: weightOf(constraint, scored),
      }));
      return { spreads, needsAllKeys, constraints };
    },
    score(_pod, node, { spreads, needsAllKeys, constraints }) {
      if (needsAllKeys && !hasAllKeys(node, constraints)) return unscored;
      let score = 0;
      for (const { constraint, tally, weight } of spreads) {
        if (node.labels[constraint.topologyKey] !== undefined) score += tally.at(node) * weight + constraint.maxSkew - 1;
      }
      return Math.round(score);
    },
    normalize: fewerIsBetter,
    // Any pod's coming, going or change of labels may shift the balance.
    mayHelp: (_pod, change) =>
      change.what !== "object-changed" && (change.what !== "node-updated" || change.differences.labels || change.differences.taints),
  };
}

/** Many domains must not drown few: a constraint weighs by the logarithm of their number. */
function weightOf({ topologyKey }: Constraint, nodes: readonly NodeInfo[]): number {
  if (topologyKey === hostnameKey) return Math.log(nodes.length + 2);
  const domains = new Set<string>();
  for (const { labels } of nodes) domains.add(labels[topologyKey] ?? "");
  return Math.log(domains.size + 2);
}

function fewerIsBetter(scores: Float64Array): void {
  const most = highest(scores);
  let fewest = Infinity;
  for (const score of scores) if (score !== unscored && score < fewest) fewest = score;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? 0;
    if (score === unscored) scores[index] = 0;
    else scores[index] = most === 0 ? mostPoints : Math.floor((mostPoints * (most + fewest - score)) / most);
  }
}
