import type { Decision } from "./decision.ts";
import { type Filters, filtersFor } from "./filters.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Rescue, Situation } from "./plugin.ts";
import type { Question } from "./question.ts";
import { refusal, Refusals } from "./refusals.ts";
import type { Write } from "./reservation.ts";

/** Nodes that fit, at least one, and why others do not. */
export interface Search {
  readonly fitting: readonly NodeInfo[];
  readonly refusals: Refusals;
  readonly looked: number;
}

const alwaysEnough = 100;
const leastPercent = 5;

/** Looks for nodes that fit. It reads the cluster's state, and leaves it as it was. @returns the decision where it is made already */
export function search(question: Question): Search | Decision {
  const { cluster } = question;
  cluster.begin();
  if (cluster.nodes.length === 0) {
    const message = "no nodes available to schedule pods";
    const plugins = new Set(["NodeName"]);
    return { outcome: "unschedulable", refusals: new Refusals(), looked: 0, plugins, message, rescue: undefined, statusWrites: [] };
  }
  const outright = refusedOutright(question);
  if (outright) return outright;
  const filters = filtersFor(question);
  const found = nominated(question, filters) ?? findFitting(question, filters);
  return found.fitting.length > 0 ? found : nothingFits(question, filters, found);
}

/** Nodes that no plugin was asked about count as refused by those that left them out. */
export function nothingFits(question: Question, filters: Filters, { refusals, looked }: Omit<Search, "fitting">): Decision {
  const { nodes } = question.cluster;
  const { onlyBy } = filters;
  const counts = refusals.counts();
  const plugins = new Set([...counts.refusing(), ...onlyBy]);
  const leftOut = refusal("", true, `node(s) didn't satisfy plugin(s) [${onlyBy.toSorted().join(" ")}]`);
  if (onlyBy.length > 0 && refusals.size < nodes.length) counts.add(leftOut, nodes.length - refusals.size);
  return unschedulable(question, {
    refusals, text: counts.text(nodes.length), looked, plugins,
    refusalOf: (node) => filters.refusalOf(node), remembered: (node, compute) => filters.remembered(node, compute),
  });
}

/** A plugin may refuse a pod before it has looked at any node. */
function refusedOutright(question: Question): Decision | undefined {
  const { pod, cluster, profile } = question;
  for (const { plugin } of profile.plugins) {
    const refused = plugin.refuse?.(pod, cluster);
    if (!refused) continue;
    const text = `0/${cluster.nodes.length} nodes are available: ${refused.reasons.join(", ")}.`;
    const refusals = new Refusals(cluster.nodes);
    for (let index = 0; index < cluster.nodes.length; index++) refusals.add(index, refused);
    return unschedulable(question, { refusals, text, looked: 0, plugins: new Set([plugin.name]), refusalOf: () => refused, remembered: asOften });
  }
  return undefined;
}

/** Room may have been made for the pod on a node: that one is looked at first. */
function nominated({ pod, cluster, nominator }: Question, filters: Filters): Search | undefined {
  const node = cluster.node(nominator.nodeOf(pod.uid) ?? "");
  if (!node || filters.only?.has(node.name) === false || filters.refusalOf(node)) return undefined;
  return { fitting: [node], refusals: new Refusals(), looked: 1 };
}

function findFitting({ cluster, profile, start }: Question, filters: Filters): Search {
  const { only } = filters;
  const nodes = only ? [...only].flatMap((name) => cluster.node(name) ?? []) : cluster.nodes;
  const refusals = new Refusals(nodes);
  const fitting: NodeInfo[] = [];
  const enough = enoughNodes(nodes.length, profile.percentageOfNodesToScore);
  let looked = 0;
  for (; looked < nodes.length && fitting.length < enough; looked++) {
    const index = (start + looked) % nodes.length;
    const node = nodes[index] as NodeInfo;
    const refused = filters.refusalOf(node);
    if (refused) refusals.add(index, refused);
    else fitting.push(node);
  }
  return { fitting, refusals, looked };
}

/** With many nodes only a share of the fitting ones is looked for: unless said, half of 100, less of more, never under 5 %. */
function enoughNodes(count: number, percentage: number): number {
  if (count < alwaysEnough || percentage >= 100) return count;
  const percent = percentage || Math.max(leastPercent, 50 - Math.floor(count / 125));
  return Math.max(alwaysEnough, Math.floor((count * percent) / 100));
}

/** Nothing is remembered. */
function asOften<T>(node: NodeInfo, compute: (node: NodeInfo) => T): T {
  return compute(node);
}

interface Failure extends Pick<Situation, "refusals" | "refusalOf" | "remembered"> {
  readonly looked: number;
  readonly plugins: ReadonlySet<string>;
  /** Why, in upstream's words. */
  readonly text: string;
}

/** Nothing fits: plugins may know a way out. */
function unschedulable({ pod, cluster, profile, random, nominator }: Question, failure: Failure): Decision {
  const { refusals, refusalOf, remembered, looked, plugins, text } = failure;
  const situation = { cluster, refusals, random, refusalOf, remembered, nominatedNode: nominator.nodeOf(pod.uid) };
  const texts: string[] = [];
  const statusWrites: Write[] = [];
  let rescue: Rescue | undefined;
  for (const { plugin } of profile.plugins) {
    rescue = plugin.rescue?.(pod, situation) ?? rescue;
    if (rescue?.node !== undefined) return { outcome: "unschedulable", refusals, looked, plugins, message: text, rescue, statusWrites };
    if (!plugin.rescue || !rescue) continue;
    texts.push(rescue.message);
    statusWrites.push(...(rescue.statusWrites ?? []));
  }
  const message = texts.length === 0 ? text : `${text} ${texts.join(", ")}`;
  return { outcome: "unschedulable", refusals, looked, plugins, message, rescue, statusWrites };
}
