import type { Random } from "#machinery/random.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";

/** How good each node is; points are in the order of the nodes. */
export interface Ranking {
  readonly nodes: readonly NodeInfo[];
  readonly totals: Float64Array;
  /** What each plugin gave, weighted. */
  readonly points: readonly { readonly plugin: string; readonly points: Float64Array }[];
}

/** Lets the profile's plugins judge nodes that all fit. */
export function rank(pod: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterState, profile: Profile): Ranking {
  const totals = new Float64Array(nodes.length);
  const points: Ranking["points"][number][] = [];
  for (const { plugin, weight } of profile.plugins) {
    if (!plugin.score || weight === 0) continue;
    const state = plugin.prepareScore?.(pod, nodes, cluster);
    if (state === undefined && plugin.prepareScore) continue;
    const scores = new Float64Array(nodes.length);
    for (let index = 0; index < nodes.length; index++) scores[index] = plugin.score(pod, nodes[index] as NodeInfo, state);
    plugin.normalize?.(scores, nodes, state);
    for (let index = 0; index < nodes.length; index++) {
      const weighted = (scores[index] ?? 0) * weight;
      scores[index] = weighted;
      totals[index] = (totals[index] ?? 0) + weighted;
    }
    points.push({ plugin: plugin.name, points: scores });
  }
  return { nodes, totals, points };
}

/** One of the nodes with most points, by chance. */
export function theBest({ nodes, totals }: Ranking, random: Random): NodeInfo {
  let top = -Infinity;
  let leaders: number[] = [];
  for (let index = 0; index < totals.length; index++) {
    const total = totals[index] ?? 0;
    if (total > top) {
      top = total;
      leaders = [index];
    } else if (total === top) leaders.push(index);
  }
  return nodes[leaders[random.integer(leaders.length)] ?? 0] as NodeInfo;
}
