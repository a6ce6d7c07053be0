import type { Clock } from "#machinery/clock.ts";
import { formatTime } from "#machinery/time.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Decision } from "./decision.ts";

/** Why a pod is where it is, or nowhere: the scheduler's latest decision about it. */
export interface Explanation {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** When it was decided. */
  readonly time: string;
  /** The node that the pod was given; absent where it fitted nowhere. */
  readonly node?: string;
  /** What the pod's events say where it fitted nowhere. */
  readonly message?: string;
  /** A node where less important pods are leaving to make room. */
  readonly nominatedNode?: string;
  /** How many nodes there were, and how many were looked at: enough that fit end the search. */
  readonly nodes: number;
  readonly lookedAt: number;
  readonly refusals: readonly { readonly node: string; readonly plugin: string; readonly reasons: readonly string[] }[];
  /** Of the nodes that fitted, the best first; empty where there was no choice. Points are weighted. */
  readonly points: readonly { readonly node: string; readonly total: number; readonly plugins: { readonly [plugin: string]: number } }[];
}

interface Kept {
  readonly pod: PodInfo;
  readonly decision: Decision;
  readonly at: number;
  readonly nodes: number;
  /** How many nodes it speaks of. */
  readonly size: number;
}

/** So many decisions are kept, and so many nodes in all of them; the oldest go first. */
const mostDecisions = 1000;
const mostNodes = 500_000;

/** Keeps the latest decisions, one for each pod, as they were made: an explanation is put into words only when somebody asks. */
export class DecisionHistory {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  #nodes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param nodes how many nodes the cluster had */
  record(pod: PodInfo, decision: Decision, nodes: number): void {
    const key = keyOf(pod.namespace, pod.name);
    const size = decision.refusals.size + (decision.outcome === "fits" ? (decision.ranking?.nodes.length ?? 0) : 0);
    this.#drop(key);
    this.#kept.set(key, { pod, decision, at: this.#clock.now(), nodes, size });
    this.#nodes += size;
    while (this.#kept.size > mostDecisions || (this.#nodes > mostNodes && this.#kept.size > 1)) this.#drop(this.#kept.keys().next().value ?? "");
  }

  /** @returns `undefined` where no decision about such a pod is remembered */
  explain(namespace: string, name: string): Explanation | undefined {
    const kept = this.#kept.get(keyOf(namespace, name));
    if (!kept) return undefined;
    const { pod, decision, at, nodes } = kept;
    const { refusals, looked } = decision;
    return {
      pod: { namespace, name, uid: pod.uid },
      time: formatTime(at),
      ...outcomeOf(decision),
      nodes,
      lookedAt: looked,
      refusals: refusals.all().map(({ node, refusal: { by, reasons } }) => ({ node: node.name, plugin: by, reasons })),
      points: pointsOf(decision),
    };
  }

  #drop(key: string): void {
    this.#nodes -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}

function outcomeOf(decision: Decision): Pick<Explanation, "node" | "message" | "nominatedNode"> {
  if (decision.outcome === "fits") return { node: decision.node.name };
  const { message, rescue } = decision;
  return { message, ...(rescue?.node === undefined ? {} : { nominatedNode: rescue.node }) };
}

function pointsOf(decision: Decision): Explanation["points"] {
  if (decision.outcome !== "fits" || !decision.ranking) return [];
  const { nodes, totals, points } = decision.ranking;
  const all = nodes.map((node, index) => ({
    node: node.name, total: totals[index] ?? 0, plugins: Object.fromEntries(points.map((given) => [given.plugin, given.points[index] ?? 0])),
  }));
  return all.sort((one, other) => other.total - one.total);
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
