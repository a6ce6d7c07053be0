import type { Pod } from "#api/core/pod.ts";
import { parseTime } from "#machinery/time.ts";
import { isReady, readySince, restarts } from "../pods.ts";

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";

/** Positive when `left` is to stay longer than `right`. */
type Rule = (left: Candidate, right: Candidate) => number;

interface Candidate {
  readonly pod: Pod;
  /** Active related pods on its node. */
  readonly neighbours: number;
  readonly ready: boolean;
  /** Milliseconds. */
  readonly readyAge: number | undefined;
  readonly age: number;
  readonly restarts: ReturnType<typeof restarts>;
  readonly cost: number;
}

const phases: readonly (string | undefined)[] = ["Pending", "Unknown", "Running"];

/** The first rule that tells two pods apart decides (Kubernetes "ReplicaSet": scaling down; KEP-2185, KEP-2255). */
const rules: readonly Rule[] = [
  (left, right) => Number(!!left.pod.spec.nodeName) - Number(!!right.pod.spec.nodeName),
  (left, right) => phases.indexOf(left.pod.status.phase) - phases.indexOf(right.pod.status.phase),
  (left, right) => Number(left.ready) - Number(right.ready),
  (left, right) => left.cost - right.cost,
  (left, right) => right.neighbours - left.neighbours,
  (left, right) => byAge(left, right, left.readyAge, right.readyAge),
  (left, right) => right.restarts.containers - left.restarts.containers,
  (left, right) => right.restarts.sidecars - left.restarts.sidecars,
  (left, right) => byAge(left, right, left.age, right.age),
];

/** The pods in the order in which they go when there are too many. @param related active pods, whose nodes count as occupied */
export function deletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): readonly Pod[] {
  const onNode = new Map<string, number>();
  for (const { spec } of related) if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1);
  const candidates = pods.map((pod): Candidate => {
    const since = readySince(pod);
    return {
      pod, neighbours: onNode.get(pod.spec.nodeName ?? "") ?? 0, ready: isReady(pod), cost: costOf(pod), restarts: restarts(pod),
      readyAge: since === undefined ? undefined : now - since, age: now - (parseTime(pod.metadata.creationTimestamp) ?? now),
    };
  });
  return candidates.sort(compare).map(({ pod }) => pod);
}

function compare(left: Candidate, right: Candidate): number {
  for (const rule of rules) {
    const order = rule(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** The younger goes first; ages of the same order of magnitude (base 2) count as the same, and the uid, which is random, decides. */
function byAge(left: Candidate, right: Candidate, leftAge: number | undefined, rightAge: number | undefined): number {
  if (leftAge === undefined || rightAge === undefined || leftAge === rightAge) return 0;
  const order = magnitude(leftAge) - magnitude(rightAge);
  return order === 0 ? (left.pod.metadata.uid < right.pod.metadata.uid ? -1 : 1) : order;
}

function magnitude(age: number): number {
  return age <= 0 ? -1 : Math.floor(Math.log2(age * 1e6));
}

/** What does not read as a whole number counts as 0. */
function costOf({ metadata }: Pod): number {
  const text = metadata.annotations?.[costAnnotation] ?? "0";
  return /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}
