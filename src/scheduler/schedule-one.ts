import type { Random } from "#machinery/random.ts";
import type { NodeInfo, PodInfo } from "./node-info.ts";
import type { Plugin, Refusal } from "./plugin.ts";
import type { Profile, Weighted } from "./profile.ts";

/** Where the pod goes, or why it goes nowhere. */
export type Decision =
  | { readonly outcome: "fits"; readonly node: NodeInfo }
  | {
    readonly outcome: "unschedulable";
    /** Why each node was refused. */
    readonly refusals: ReadonlyMap<string, Refusal>;
    /** Names of the plugins that refused: what they wait for may help. */
    readonly plugins: ReadonlySet<string>;
    /** In upstream's words: `0/3 nodes are available: …`. */
    readonly message: string;
  };

/** A plugin that takes part for this pod, with what it prepared. */
interface Taking {
  readonly plugin: Plugin<unknown>;
  readonly weight: number;
  readonly state: unknown;
}

const alwaysEnough = 100;
const leastPercent = 5;

/**
 * Decides for one pod. Pure: it reads the nodes as they are and changes nothing.
 * @param start index of the first node to look at, so that all nodes get their turn where not all are looked at
 */
export function scheduleOne(pod: PodInfo, nodes: readonly NodeInfo[], profile: Profile, start: number, random: Random): Decision {
  if (nodes.length === 0) {
    return { outcome: "unschedulable", refusals: new Map(), plugins: new Set(["NodeName"]), message: "no nodes available to schedule pods" };
  }
  const taking = profile.plugins.flatMap((weighted) => prepared(weighted, pod, nodes));
  const refusals = new Map<string, Refusal>();
  const plugins = new Set<string>();
  const fitting: NodeInfo[] = [];
  const enough = enoughNodes(nodes.length);
  for (let looked = 0; looked < nodes.length && fitting.length < enough; looked++) {
    const node = nodes[(start + looked) % nodes.length] as NodeInfo;
    const refused = firstRefusal(pod, node, taking);
    if (refused) {
      refusals.set(node.name, refused.refusal);
      plugins.add(refused.plugin);
    } else fitting.push(node);
  }
  if (fitting.length === 0) return { outcome: "unschedulable", refusals, plugins, message: unschedulableMessage(nodes.length, refusals.values()) };
  return { outcome: "fits", node: best(pod, fitting, taking, random) };
}

/** With many nodes only a share of the fitting ones is looked for: half of 100, less of more, never under 5 %. */
function enoughNodes(count: number): number {
  if (count < alwaysEnough) return count;
  const percent = Math.max(leastPercent, 50 - Math.floor(count / 125));
  return Math.max(alwaysEnough, Math.floor((count * percent) / 100));
}

function prepared({ plugin, weight }: Weighted, pod: PodInfo, nodes: readonly NodeInfo[]): Taking[] {
  if (!plugin.prepare) return [{ plugin, weight, state: undefined }];
  const state = plugin.prepare(pod, nodes);
  return state === undefined ? [] : [{ plugin, weight, state }];
}

function firstRefusal(pod: PodInfo, node: NodeInfo, taking: readonly Taking[]): { readonly plugin: string; readonly refusal: Refusal } | undefined {
  for (const { plugin, state } of taking) {
    const refusal = plugin.filter?.(pod, node, state);
    if (refusal) return { plugin: plugin.name, refusal };
  }
  return undefined;
}

function best(pod: PodInfo, nodes: readonly NodeInfo[], taking: readonly Taking[], random: Random): NodeInfo {
  const first = nodes[0] as NodeInfo;
  if (nodes.length === 1) return first;
  const totals = new Float64Array(nodes.length);
  for (const { plugin, weight, state } of taking) {
    if (!plugin.score || weight === 0) continue;
    const raw = nodes.map((node) => plugin.score?.(pod, node, state) ?? 0);
    const points = plugin.normalize ? plugin.normalize(raw, state) : raw;
    for (const [index, point] of points.entries()) totals[index] = (totals[index] ?? 0) + point * weight;
  }
  const top = Math.max(...totals);
  const leaders = nodes.filter((_, index) => totals[index] === top);
  return leaders[random.integer(leaders.length)] ?? first;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
function unschedulableMessage(count: number, refusals: Iterable<Refusal>): string {
  const counts = new Map<string, number>();
  for (const { reasons } of refusals) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, times]) => `${times} ${reason}`).toSorted();
  return `0/${count} nodes are available: ${parts.join(", ")}.`;
}
