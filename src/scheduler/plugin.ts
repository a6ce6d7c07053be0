import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import type { NodeInfo, PodInfo } from "./node-info.ts";

/** Something happened that may let a pod fit which did not. */
export type ClusterChange =
  | { readonly what: "node-added"; readonly node: Node }
  | { readonly what: "node-updated"; readonly node: Node; readonly before: Node }
  | { readonly what: "pod-placed"; readonly pod: Pod }
  | { readonly what: "pod-removed"; readonly pod: Pod };

/** Why a pod cannot go to a node, in upstream's words; `final`: no other pod's leaving would change that. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly final: boolean;
}

/**
 * One concern of placing pods (scheduling framework, KEP-624). It decides from what it is given; it reads and writes nothing else.
 * A plugin takes part in the extension points whose methods it has.
 */
export interface Plugin<State = undefined> {
  readonly name: string;
  /** Once per pod, before any node: what `filter` and `score` need; `undefined` skips this plugin for the pod. */
  prepare?(pod: PodInfo, nodes: readonly NodeInfo[]): State | undefined;
  /** What stands against this node. */
  filter?(pod: PodInfo, node: NodeInfo, state: State): Refusal | undefined;
  /** How good the node is, in the plugin's own measure; `normalize` makes 0 to 100 of it. */
  score?(pod: PodInfo, node: NodeInfo, state: State): number;
  normalize?(scores: readonly number[], state: State): readonly number[];
  /** Whether the change may let a pod in that this plugin refused. */
  mayHelp?(pod: Pod, change: ClusterChange): boolean;
}

export const mostPoints = 100;

/** The best gets 100, the others their share. */
export function shareOfBest(scores: readonly number[]): readonly number[] {
  const best = Math.max(0, ...scores);
  return best === 0 ? scores : scores.map((score) => Math.floor((score * mostPoints) / best));
}

/** The lowest gets 100, the highest 0. */
export function shareReversed(scores: readonly number[]): readonly number[] {
  const highest = Math.max(0, ...scores);
  return highest === 0 ? scores.map(() => mostPoints) : scores.map((score) => mostPoints - Math.floor((score * mostPoints) / highest));
}

export function refuse(final: boolean, ...reasons: readonly string[]): Refusal {
  return { reasons, final };
}
