import { tolerates } from "#api/core/toleration.ts";
import type { TopologySpreadConstraint } from "#api/generated/core-v1.ts";
import type { LabelSelector} from "#machinery/label-selectors.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import type { ClusterState } from "../../cluster-state/cluster-state.ts";
import type { PodQuery } from "../../cluster-state/pod-tally.ts";
import type { NodeInfo } from "../../node-info.ts";
import { isWanted } from "../../node-selection.ts";
import type { PodInfo } from "../../pod-info.ts";

/** A constraint of one pod, read. */
export interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export type Effect = TopologySpreadConstraint["whenUnsatisfiable"];

export function constraintsOf(pod: PodInfo, constraints: readonly TopologySpreadConstraint[], effect: Effect): readonly Constraint[] {
  const meant = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === effect);
  return meant.map((constraint) => read(constraint, selectorOf(constraint, pod)));
}

/** Constraints that hold for pods without their own: their pods are those that the pod's services and its owner select. */
export function defaultConstraintsOf(
  pod: PodInfo, cluster: ClusterState, defaults: readonly TopologySpreadConstraint[], effect: Effect,
): readonly Constraint[] {
  const fitting = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === effect);
  if (fitting.length === 0) return [];
  const selector = workloadSelector(pod, cluster);
  return selector.isEmpty ? [] : fitting.map((constraint) => read(constraint, selector));
}

/** Whether the node has all labels that the constraints tell domains apart by. */
export function hasAllKeys({ labels }: NodeInfo, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Pods that the constraint spreads, by domain, on the nodes that count for this pod (KEP-3094). */
export function spreadQuery(pod: PodInfo, constraint: Constraint, required: readonly Constraint[]): PodQuery {
  const { topologyKey, selector, honorsAffinity, honorsTaints } = constraint;
  const { nodeSelector, affinity, tolerations } = pod.pod.spec;
  const key = JSON.stringify([
    "spread", pod.namespace, topologyKey, String(selector), required.map((one) => one.topologyKey),
    honorsAffinity && [nodeSelector, affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution], honorsTaints && (tolerations ?? []),
  ]);
  return {
    key, topologyKey, namespace: pod.namespace,
    matches: ({ labels, isTerminating }) => !isTerminating && selector.matches(labels),
    includes: (node) =>
      hasAllKeys(node, required) && (!honorsAffinity || isWanted(pod.pod, node)) &&
      (!honorsTaints || node.hardTaints.every((taint) => tolerates(tolerations, taint))),
  };
}

function read(constraint: TopologySpreadConstraint, selector: LabelSelector): Constraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  return { topologyKey, maxSkew, minDomains, selector, honorsAffinity: nodeAffinityPolicy !== "Ignore", honorsTaints: nodeTaintsPolicy === "Honor" };
}

function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, { labels }: PodInfo): LabelSelector {
  const own = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: "In", values: [value] }];
  });
  return selectorFromObject(labelSelector && { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] });
}

/** Demands all that the pod's services and its owner demand; nothing where it has neither. */
function workloadSelector(pod: PodInfo, { objects }: ClusterState): LabelSelector {
  const { namespace, labels } = pod;
  const wanted: { [key: string]: string } = {};
  for (const { spec: { selector } } of objects.services.inNamespace(namespace)) {
    const entries = Object.entries(selector ?? {});
    if (entries.length > 0 && entries.every(([key, value]) => labels[key] === value)) Object.assign(wanted, selector);
  }
  const owner = pod.pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const owned = objects.workloadSelector(owner?.kind ?? "", namespace, owner?.name ?? "");
  return selectorFromObject({ matchLabels: { ...wanted, ...owned?.matchLabels }, matchExpressions: owned?.matchExpressions ?? [] });
}
