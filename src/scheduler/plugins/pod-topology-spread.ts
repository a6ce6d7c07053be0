import type { Pod } from "#api/core/pod.ts";
import { tolerates } from "#api/core/toleration.ts";
import type { TopologySpreadConstraint } from "#api/generated/core-v1.ts";
import { type LabelSelector, selectorFromObject } from "#machinery/label-selectors.ts";
import type { NodeInfo, PodInfo } from "../node-info.ts";
import { isWanted } from "../node-selection.ts";
import { mostPoints, type Plugin, refuse } from "../plugin.ts";

/** A constraint with how many matching pods each of its domains (values of the topology key) has. */
interface Spread {
  readonly constraint: TopologySpreadConstraint;
  readonly counts: ReadonlyMap<string, number>;
  readonly fewest: number;
  /** 1 where the pod itself matches the constraint. */
  readonly own: number;
}

interface State {
  readonly hard: readonly Spread[];
  readonly soft: readonly Spread[];
}

const hostnameKey = "kubernetes.io/hostname";

/** Spreads matching pods over domains as the pod's constraints say; a workload's pods over nodes and zones where it says nothing. */
export const podTopologySpread: Plugin<State> = {
  name: "PodTopologySpread",
  prepare(pod, nodes) {
    const constraints = pod.pod.spec.topologySpreadConstraints ?? [];
    if (constraints.length === 0) return pod.owner === "" ? undefined : { hard: [], soft: byDefault(pod, nodes) };
    const spread = (when: TopologySpreadConstraint["whenUnsatisfiable"]): readonly Spread[] =>
      constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when).map((constraint) => spreadOf(constraint, pod.pod, nodes));
    return { hard: spread("DoNotSchedule"), soft: spread("ScheduleAnyway") };
  },
  filter(_pod, node, { hard }) {
    for (const { constraint, counts, fewest, own } of hard) {
      const domain = domainOf(node, constraint.topologyKey);
      if (domain === undefined) return refuse(true, "node(s) didn't match pod topology spread constraints (missing required label)");
      const skew = (counts.get(domain) ?? 0) + own - fewest;
      if (skew > constraint.maxSkew) return refuse(false, "node(s) didn't match pod topology spread constraints");
    }
    return undefined;
  },
  score(_pod, node, { soft }) {
    return soft.reduce((sum, { constraint, counts }) => {
      const domain = domainOf(node, constraint.topologyKey);
      const weight = Math.log(counts.size + 2);
      return domain === undefined ? sum : sum + (counts.get(domain) ?? 0) * weight + constraint.maxSkew - 1;
    }, 0);
  },
  normalize(scores) {
    const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
    return scores.map((score) => (highest === 0 ? mostPoints : Math.floor((mostPoints * (highest + lowest - score)) / highest)));
  },
  mayHelp: (_pod, { what }) => what !== "pod-placed",
};

function spreadOf(constraint: TopologySpreadConstraint, pod: Pod, nodes: readonly NodeInfo[]): Spread {
  const selector = selectorOf(constraint, pod);
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = domainOf(node, constraint.topologyKey);
    if (domain === undefined || !isCounted(constraint, pod, node)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + matching(node, selector, pod.metadata.namespace));
  }
  const enough = counts.size >= (constraint.minDomains ?? 1);
  const fewest = counts.size === 0 || !enough ? 0 : Math.min(...counts.values());
  return { constraint, counts, fewest, own: selector.matches(pod.metadata.labels) ? 1 : 0 };
}

/** Without constraints: pods of one owner spread over nodes first, then over zones. */
function byDefault({ owner }: PodInfo, nodes: readonly NodeInfo[]): readonly Spread[] {
  const defaults = [
    { topologyKey: hostnameKey, maxSkew: 3 },
    { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5 },
  ];
  return defaults.map(({ topologyKey, maxSkew }) => {
    const counts = new Map<string, number>();
    for (const node of nodes) {
      const domain = domainOf(node, topologyKey);
      if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + (node.owners.get(owner) ?? 0));
    }
    return { constraint: { topologyKey, maxSkew, whenUnsatisfiable: "ScheduleAnyway" as const }, counts, fewest: 0, own: 1 };
  });
}

/** Whether the node's pods count: by default only on nodes that the pod asks for, whatever their taints (KEP-3094). */
function isCounted({ nodeAffinityPolicy, nodeTaintsPolicy }: TopologySpreadConstraint, pod: Pod, node: NodeInfo): boolean {
  if (nodeAffinityPolicy !== "Ignore" && !isWanted(pod, node)) return false;
  if (nodeTaintsPolicy !== "Honor") return true;
  const taints = (node.node.spec.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  return taints.every((taint) => tolerates(pod.spec.tolerations, taint));
}

function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod): LabelSelector {
  const own = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: "In", values: [value] }];
  });
  return selectorFromObject(labelSelector && { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] });
}

function matching(node: NodeInfo, selector: LabelSelector, namespace: string): number {
  let count = 0;
  for (const { pod } of node.pods.values()) {
    const { metadata } = pod;
    if (metadata.namespace === namespace && metadata.deletionTimestamp === undefined && selector.matches(metadata.labels)) count++;
  }
  return count;
}

function domainOf(node: NodeInfo, key: string): string | undefined {
  return node.labels[key] ?? (key === hostnameKey ? node.name : undefined);
}
