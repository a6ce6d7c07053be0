import type { DaemonSet } from "#api/apps/daemon-set.ts";
import type { Node } from "#api/core/node.ts";
import { selects } from "#api/core/node-selector.ts";
import type { Pod } from "#api/core/pod.ts";
import { tolerates } from "#api/core/toleration.ts";
import type { Affinity, PodSpec, Toleration } from "#api/generated/core-v1.ts";
import { equal } from "#machinery/equality.ts";
import { notReadyTaint, unreachableTaint } from "../../node-taints.ts";

/** Daemons stay where other pods have to leave, and come where no others may (Kubernetes "DaemonSet", taints and tolerations). */
const borne: readonly Toleration[] = [
  { key: notReadyTaint, operator: "Exists", effect: "NoExecute" },
  { key: unreachableTaint, operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];
/** Those in the host's network help to bring it up. */
const borneOnHostNetwork: Toleration = { key: "node.kubernetes.io/network-unavailable", operator: "Exists", effect: "NoSchedule" };

/** `stays`: no pod comes, and one that is there may remain. */
export type Placement = "runs" | "stays" | "goes";

/** Says of nodes whether the set's pods run there. */
export function placementsOf({ spec: { template: { spec } } }: DaemonSet): (node: Node) => Placement {
  const tolerations = tolerationsOf(spec);
  const selector = Object.entries(spec.nodeSelector ?? {});
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return ({ metadata: { name, labels = {} }, spec: { taints = [] } }) => {
    const isMeant = (spec.nodeName ?? name) === name && selector.every(([key, value]) => labels[key] === value)
      && (required === undefined || selects(required, { name, labels }));
    if (!isMeant) return "goes";
    const repelling = taints.filter((taint) => taint.effect !== "PreferNoSchedule" && !tolerates(tolerations, taint));
    if (repelling.length === 0) return "runs";
    return repelling.some(({ effect }) => effect === "NoExecute") ? "goes" : "stays";
  };
}

/** Whether a change of a node can change what runs there. */
export function matters(before: Node, after: Node): boolean {
  return !equal(before.metadata.labels, after.metadata.labels) || !equal(before.spec.taints, after.spec.taints);
}

/** The template's spec for the pod of a node: the scheduler brings it there and nowhere else. */
export function specFor(node: string, spec: PodSpec): PodSpec {
  return { ...spec, affinity: boundTo(node, spec.affinity), tolerations: tolerationsOf(spec) };
}

/** The node that a daemon's pod is on or meant for; `undefined` where it does not say. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === "metadata.name")?.values?.[0];
}

function boundTo(node: string, affinity: Affinity | undefined): Affinity {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] } as const];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } };
}

function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork === true ? [...borne, borneOnHostNetwork] : borne;
  return [...tolerations, ...added.filter((toleration) => !tolerations.some((one) => equal(one, toleration)))];
}
