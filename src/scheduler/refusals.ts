import type { NodeInfo } from "./node-info.ts";

/** Why a pod cannot go to a node, in upstream's words; `final`: no other pod's leaving would change that. */
export interface Refusal {
  /** Name of the plugin that refuses. */
  readonly by: string;
  readonly reasons: readonly string[];
  readonly final: boolean;
}

/** Made once and handed out often. */
export function refusal(by: string, final: boolean, ...reasons: readonly string[]): Refusal {
  return { by, reasons, final };
}

/** Which node was refused, and why; in the order in which they were looked at. */
export class Refusals {
  readonly nodes: NodeInfo[] = [];
  readonly reasons: Refusal[] = [];
  readonly counts = new RefusalCounts();

  get size(): number {
    return this.nodes.length;
  }

  add(node: NodeInfo, reason: Refusal): void {
    this.nodes.push(node);
    this.reasons.push(reason);
    this.counts.add(reason);
  }

  of(name: string): Refusal | undefined {
    return this.reasons[this.nodes.findIndex((node) => node.name === name)];
  }
}

/** How often each refusal was made. Thousands of nodes mostly share a few. */
export class RefusalCounts {
  readonly #counts = new Map<Refusal, number>();
  #latest: Refusal | undefined;
  #run = 0;

  add(reason: Refusal, times = 1): void {
    if (reason !== this.#latest) this.#settle();
    this.#latest = reason;
    this.#run += times;
  }

  /** Names of all plugins that refused. */
  refusing(): readonly string[] {
    this.#settle();
    return [...new Set([...this.#counts.keys()].map(({ by }) => by))];
  }

  /** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
  text(nodes: number): string {
    this.#settle();
    const counts = new Map<string, number>();
    for (const [{ reasons }, times] of this.#counts) for (const text of reasons) counts.set(text, (counts.get(text) ?? 0) + times);
    const parts = [...counts].map(([text, times]) => `${times} ${text}`).toSorted();
    return `0/${nodes} nodes are available: ${parts.join(", ")}.`;
  }

  #settle(): void {
    if (this.#latest && this.#run > 0) this.#counts.set(this.#latest, (this.#counts.get(this.#latest) ?? 0) + this.#run);
    this.#run = 0;
  }
}
