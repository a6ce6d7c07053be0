import type { NodeInfo } from "./node-info.ts";

/** Why a pod cannot go to a node, in upstream's words; `final`: no other pod's leaving would change that. */
export interface Refusal {
  /** Name of the plugin that refuses. */
  readonly by: string;
  readonly reasons: readonly string[];
  readonly final: boolean;
}

/** So many different refusals are known by heart. */
const mostKnown = 4096;
const known = new Map<string, Refusal>();

/** Equal ones are the very same object: thousands of nodes mostly share a few. */
export function refusal(by: string, final: boolean, ...reasons: readonly string[]): Refusal {
  const key = `${by}|${final}|${reasons.join("|")}`;
  const made = known.get(key) ?? { by, reasons, final };
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}

/**
 * Which of some nodes were refused, and why. It is kept for many pods on thousands of nodes, of which most share a few refusals: so it holds one
 * number a node, and puts them into words only when asked.
 */
export class Refusals {
  readonly #nodes: readonly NodeInfo[];
  /** Of each node one more than the index of its refusal in `#made`; 0 where there is none. */
  readonly #numbers: Uint32Array;
  readonly #made: Refusal[] = [];
  readonly #indexes = new Map<Refusal, number>();
  readonly #times: number[] = [];
  #latest = 0;
  #size = 0;

  /** @param nodes those in question; never changed */
  constructor(nodes: readonly NodeInfo[] = []) {
    this.#nodes = nodes;
    this.#numbers = new Uint32Array(nodes.length);
  }

  /** How many nodes were refused. */
  get size(): number {
    return this.#size;
  }

  /** @param index of a node that has not been refused yet */
  add(index: number, reason: Refusal): void {
    if (this.#made[this.#latest] !== reason) this.#latest = this.#find(reason);
    this.#numbers[index] = this.#latest + 1;
    this.#times[this.#latest] = (this.#times[this.#latest] ?? 0) + 1;
    this.#size += 1;
  }

  addNode(node: NodeInfo, reason: Refusal): void {
    this.add(this.#nodes.indexOf(node), reason);
  }

  of(name: string): Refusal | undefined {
    return this.#at(this.#nodes.findIndex((node) => node.name === name));
  }

  /** Nodes where another pod's leaving may change something. */
  notFinal(): readonly NodeInfo[] {
    if (this.#size === this.#nodes.length && !this.#made.some(({ final }) => final)) return this.#nodes;
    return this.#nodes.filter((_, index) => this.#at(index)?.final === false);
  }

  all(): readonly { readonly node: NodeInfo; readonly refusal: Refusal }[] {
    return this.#nodes.flatMap((node, index) => {
      const reason = this.#at(index);
      return reason ? [{ node, refusal: reason }] : [];
    });
  }

  counts(): RefusalCounts {
    const counts = new RefusalCounts();
    for (const [index, reason] of this.#made.entries()) counts.add(reason, this.#times[index]);
    return counts;
  }

  #at(index: number): Refusal | undefined {
    return this.#made[(this.#numbers[index] ?? 0) - 1];
  }

  #find(reason: Refusal): number {
    const index = this.#indexes.get(reason);
    if (index !== undefined) return index;
    this.#indexes.set(reason, this.#made.length);
    return this.#made.push(reason) - 1;
  }
}

/** How often each refusal was made. */
export class RefusalCounts {
  readonly #counts = new Map<Refusal, number>();

  add(reason: Refusal, times = 1): void {
    if (times > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + times);
  }

  /** Names of all plugins that refused. */
  refusing(): readonly string[] {
    return [...new Set([...this.#counts.keys()].map(({ by }) => by))];
  }

  /** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
  text(nodes: number): string {
    const counts = new Map<string, number>();
    for (const [{ reasons }, times] of this.#counts) for (const text of reasons) counts.set(text, (counts.get(text) ?? 0) + times);
    const parts = [...counts].map(([text, times]) => `${times} ${text}`).toSorted();
    return `0/${nodes} nodes are available: ${parts.join(", ")}.`;
  }
}
