import { podRequests } from "#api/core/pod-requests.ts";
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod } from "#api/generated/core-v1.ts";
import type { ResourceList } from "#machinery/resource-list.ts";
import { milliValue, value } from "#machinery/quantity.ts";

export interface Refusal {
  /** Of the pod's status, such as `OutOfcpu`. */
  readonly reason: string;
  readonly message: string;
}

/** The reason of pods whose node lacks the labels that they ask for. */
export const affinityReason = "NodeAffinity";

export interface AdmittingNode {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly allocatable: ResourceList;
}

/**
 * Whether this node can take a pod that somebody assigned to it: schedulers may be mistaken, or passed by. Pure.
 * @param others the pods that the node has accepted and that are not over
 */
export function refusal(pod: Pod, node: AdmittingNode, others: readonly Pod[]): Refusal | undefined {
  if (!selectorMatches(pod, node.labels, node.name)) {
    return predicateFailed(affinityReason, "node(s) didn't match Pod's node affinity/selector");
  }
  if (portsConflict(pod, others)) return predicateFailed("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  const os = pod.spec.os?.name;
  if (os !== undefined && os !== "linux") {
    return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  return outOfResources(pod, node.allocatable, others);
}

function predicateFailed(name: string, why: string): Refusal {
  return { reason: name, message: `Pod was rejected: Predicate ${name} failed: ${why}` };
}

function outOfResources(pod: Pod, allocatable: ResourceList, others: readonly Pod[]): Refusal | undefined {
  for (const [name, requested] of amountsOf(pod)) {
    // Somebody else looks after it: the scheduler went by what the node's status says.
    if (requested === 0 || (isExtended(name) && !(name in allocatable))) continue;
    const capacity = amountOf(name, allocatable[name] ?? "0");
    const used = others.reduce((sum, other) => sum + (amountsOf(other).get(name) ?? 0), 0);
    if (used + requested <= capacity) continue;
    const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
    return { reason: `OutOf${name}`, message: `Pod was rejected: Node didn't have enough resource: ${name}, ${numbers}` };
  }
  return undefined;
}

/** What pods ask for, by their specs, which are never changed: each newcomer is counted with all that are there. */
const known = new WeakMap<Pod["spec"], ReadonlyMap<string, number>>();

/** As kubelets count: whole units, and thousandths of a core. */
function amountsOf(pod: Pod): ReadonlyMap<string, number> {
  let amounts = known.get(pod.spec);
  if (amounts === undefined) {
    const requests = { ...podRequests(pod), pods: "1" };
    amounts = new Map(Object.entries(requests).map(([name, amount]) => [name, amountOf(name, amount)]));
    known.set(pod.spec, amounts);
  }
  return amounts;
}

function amountOf(name: string, amount: string): number {
  return name === "cpu" ? milliValue(amount) : value(amount);
}

/** Such as example.com/gpu: not one that Kubernetes itself knows. */
function isExtended(resource: string): boolean {
  const [group = "", name] = resource.split("/");
  return name !== undefined && !group.endsWith("kubernetes.io");
}

function portsConflict(pod: Pod, others: readonly Pod[]): boolean {
  const taken = others.flatMap(hostPorts);
  return hostPorts(pod).some((port) => taken.some((other) =>
    other.number === port.number && other.protocol === port.protocol
    && (other.address === port.address || other.address === "0.0.0.0" || port.address === "0.0.0.0")));
}

function hostPorts(pod: Pod): { number: number; protocol: string; address: string }[] {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always")];
  return containers.flatMap(({ ports = [] }) => ports)
    .map(({ hostPort = 0, protocol, hostIP }) => ({ number: hostPort, protocol, address: hostIP || "0.0.0.0" }))
    .filter(({ number }) => number > 0);
}

type Labels = { readonly [key: string]: string };

function selectorMatches(pod: Pod, labels: Labels, nodeName: string): boolean {
  const { nodeSelector = {}, affinity } = pod.spec;
  if (!Object.entries(nodeSelector).every(([key, wanted]) => labels[key] === wanted)) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => termMatches(term, labels, nodeName));
}

function termMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, labels: Labels, nodeName: string): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.every((each) => requirementHolds(each, labels[each.key]))
    && matchFields.every((each) => requirementHolds(each, each.key === "metadata.name" ? nodeName : undefined));
}

function requirementHolds({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
  switch (operator) {
    case "In": return actual !== undefined && values.includes(actual);
    case "NotIn": return actual === undefined || !values.includes(actual);
    case "Exists": return actual !== undefined;
    case "DoesNotExist": return actual === undefined;
    case "Gt": return actual !== undefined && Number(actual) > Number(values[0]);
    case "Lt": return actual !== undefined && Number(actual) < Number(values[0]);
    default: return false;
  }
}
