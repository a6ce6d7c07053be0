import type { DefaultPreemptionArgs } from "#api/generated/schedulerconfig-v1.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Plugin, Rescuable, Rescue, Situation } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { type Refusal, RefusalCounts, refusal } from "../refusals.ts";
import { type Candidate, candidate, leastHarm } from "./default-preemption/candidate.ts";
import { moreImportantFirst, victimsOn } from "./default-preemption/victims.ts";

const usual: DefaultPreemptionArgs = { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 };
const unhelpful = refusal("DefaultPreemption", true, "Preemption is not helpful for scheduling");

/** Finds the node where a pod gets room with least harm when less important pods leave (API concept: Pod Priority and Preemption). */
export function defaultPreemption(given: DefaultPreemptionArgs = usual): Plugin {
  return {
    name: "DefaultPreemption",
    rescue(pod, situation): Rescue {
      const obstacle = obstacleTo(pod, situation);
      if (obstacle !== undefined) return { message: `preemption: ${obstacle}`, keepsNomination: true };
      const { candidates, refusals } = findCandidates(pod, situation, given);
      const best = leastHarm(candidates);
      if (best) return { node: best.node.name, victims: best.victims, candidates, choose };
      return { message: `preemption: ${textOf(refusals, situation.cluster.nodes.length)}`, keepsNomination: false };
    },
  };
}

/** Of those that others have left over, perhaps with other victims. */
function choose(left: readonly Rescuable[]): Rescuable | undefined {
  return leastHarm(left.map(({ node, victims, violations }) => candidate(node, victims.toSorted(moreImportantFirst), violations)));
}

/** Why the pod may not have others leave; `undefined` where it may. */
function obstacleTo(pod: PodInfo, { cluster, refusals, nominatedNode }: Situation): string | undefined {
  if (pod.pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const node = cluster.node(nominatedNode ?? "");
  if (!node || refusals.of(node.name)?.final === true) return undefined;
  for (const other of node.pods.values()) {
    if (other.priority < pod.priority && isLeavingForAnother(other)) return "not eligible due to a terminating pod on the nominated node.";
  }
  return undefined;
}

function isLeavingForAnother({ isTerminating, pod }: PodInfo): boolean {
  if (!isTerminating) return false;
  const condition = pod.status.conditions?.find(({ type }) => type === "DisruptionTarget");
  return condition?.status === "True" && condition.reason === "PreemptionByScheduler";
}

interface Found {
  readonly candidates: readonly Candidate[];
  /** Why the pod would not fit even so, for each node tried in vain. */
  readonly refusals: readonly Refusal[];
}

/** Begins anywhere, so that not always the same nodes suffer. Nodes where no budget is broken are wanted; one at least, if there is any. */
function findCandidates(pod: PodInfo, situation: Situation, given: DefaultPreemptionArgs): Found {
  const nodes = situation.refusals.notFinal();
  const refusals: Refusal[] = [];
  const harmless: Candidate[] = [];
  const violating: Candidate[] = [];
  if (nodes.length === 0) return { candidates: [], refusals };
  const share = Math.floor((nodes.length * given.minCandidateNodesPercentage) / 100);
  const enough = Math.min(nodes.length, Math.max(share, given.minCandidateNodesAbsolute));
  const victims = (node: NodeInfo): Candidate | Refusal => victimsOn(pod, node, situation);
  const start = situation.random.integer(nodes.length);
  for (let tried = 0; tried < nodes.length; tried++) {
    const node = nodes[(start + tried) % nodes.length] as NodeInfo;
    const found = situation.remembered(node, victims);
    if ("reasons" in found) refusals.push(found);
    else if (found.violations === 0) harmless.push(found);
    else violating.push(found);
    if (harmless.length > 0 && harmless.length + violating.length >= enough) break;
  }
  return { candidates: [...harmless, ...violating], refusals };
}

function textOf(refusals: readonly Refusal[], nodes: number): string {
  const counts = new RefusalCounts();
  for (const reason of refusals) counts.add(reason);
  counts.add(unhelpful, nodes - refusals.length);
  return counts.text(nodes);
}
