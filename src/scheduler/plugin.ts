import type { Random } from "#machinery/random.ts";
import type { ClusterChange } from "./cluster-change.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Waiting } from "./queue.ts";
import type { Refusal, Refusals } from "./refusals.ts";
import type { Reservation, Write } from "./reservation.ts";

/** A pod fits nowhere: what is known, and questions that may be asked. */
export interface Situation {
  readonly cluster: ClusterState;
  readonly refusals: Refusals;
  readonly random: Random;
  /** Where room is being made for the pod already. */
  readonly nominatedNode: string | undefined;
  /** An answer about the node that holds for all pods like this one, until the node changes. */
  remembered<T>(node: NodeInfo, compute: (node: NodeInfo) => T): T;
  /** What would stand against the node as the cluster's state is now, suppositions and nominated pods included. */
  refusalOf(node: NodeInfo): Refusal | undefined;
}

/** A node where the pod would fit if these pods left. */
export interface Rescuable {
  readonly node: NodeInfo;
  /** At least one. */
  readonly victims: readonly PodInfo[];
  /** How many of them leave against a disruption budget. */
  readonly violations: number;
}

/** What came of it: room that these pods would make by leaving a node, or why there is none, in upstream's words. */
export type Rescue =
  | {
    readonly node: string; readonly victims: readonly PodInfo[];
    /** Among these it was chosen; extenders may leave some of them over, and choose other victims. */
    readonly candidates: readonly Rescuable[];
    choose(left: readonly Rescuable[]): Rescuable | undefined;
  }
  | {
    readonly node?: undefined; readonly message: string; readonly keepsNomination: boolean;
    /** Statuses that are to be otherwise, so that the pod may fit later. */
    readonly statusWrites?: readonly Write[];
  };

/**
 * One concern of placing pods (scheduling framework, KEP-624). It decides from what it is given; it reads and writes nothing else.
 * A plugin takes part in the extension points whose methods it has. What it prepares holds facts about the pod and live figures of the
 * cluster's state, never copies of these: the same preparation serves the question "what if these pods were gone?".
 */
export interface Plugin<State = undefined, ScoreState = State> {
  readonly name: string;
  /** QueueSort: whether `one` is tried before `other`. */
  comesFirst?(one: Waiting, other: Waiting): boolean;
  /** PreEnqueue: why the pod is not to be tried yet. */
  holdsBack?(pod: PodInfo, cluster: ClusterState): string | undefined;
  /** PreFilter: what stands against the pod whatever the node. */
  refuse?(pod: PodInfo, cluster: ClusterState): Refusal | undefined;
  /** PreFilter: names of the only nodes that can do; `undefined` where all may. */
  candidates?(pod: PodInfo, cluster: ClusterState): ReadonlySet<string> | undefined;
  /** PreFilter: what `filter` needs; `undefined` skips this plugin's `filter` for the pod. */
  prepare?(pod: PodInfo, cluster: ClusterState): State | undefined;
  /** Whether `filter` looks at the pod's class (`PodInfo.nodeClass`) and the node alone: then its answer holds until the node changes. */
  readonly isLocal?: true;
  /** Filter: what stands against this node. @throws Error where what the pod asks for is wrong in itself */
  filter?(pod: PodInfo, node: NodeInfo, state: State): Refusal | undefined;
  /** PostFilter: what can be done for a pod that fits nowhere. */
  rescue?(pod: PodInfo, situation: Situation): Rescue;
  /** PreScore: what `score` needs, in place of what `prepare` made; `undefined` skips this plugin's `score`. */
  prepareScore?(pod: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterState): ScoreState | undefined;
  /** Score: how good the node is, in the plugin's own measure; `normalize` makes 0 to 100 of it. */
  score?(pod: PodInfo, node: NodeInfo, state: ScoreState): number;
  /** Changes the scores, one for each node, in place. */
  normalize?(scores: Float64Array, nodes: readonly NodeInfo[], state: ScoreState): void;
  /** Reserve and PreBind: what has to come true before the pod is bound to the node; `undefined` where nothing has. @throws Error where it cannot */
  reserve?(pod: PodInfo, node: NodeInfo, cluster: ClusterState): Reservation | undefined;
  /** Bind: what is posted to the pod's `binding`. The first plugin that has this binds. */
  bind?(pod: PodInfo, node: string): object;
  /** Queueing hint: whether the change may let a pod in that this plugin refused (KEP-4247). */
  mayHelp?(pod: PodInfo, change: ClusterChange): boolean;
}

export const mostPoints = 100;

/** The best gets 100, the others their share. */
export function shareOfBest(scores: Float64Array): void {
  const best = highest(scores);
  if (best > 0) for (let index = 0; index < scores.length; index++) scores[index] = Math.floor(((scores[index] ?? 0) * mostPoints) / best);
}

/** The lowest gets 100, the highest 0. */
export function shareReversed(scores: Float64Array): void {
  const best = highest(scores);
  if (best === 0) return void scores.fill(mostPoints);
  for (let index = 0; index < scores.length; index++) scores[index] = mostPoints - Math.floor(((scores[index] ?? 0) * mostPoints) / best);
}

/** The highest score, 0 at least. */
export function highest(scores: Float64Array): number {
  let best = 0;
  for (const score of scores) if (score > best) best = score;
  return best;
}
