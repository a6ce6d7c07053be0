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

  get size(): number {
    return this.nodes.length;
  }

  add(node: NodeInfo, reason: Refusal): void {
    this.nodes.push(node);
    this.reasons.push(reason);
  }

  of(name: string): Refusal | undefined {
    return this.reasons[this.nodes.findIndex((node) => node.name === name)];
  }

  /** Names of all plugins that refused. */
  refusing(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { by } of this.reasons) names.add(by);
    return names;
  }
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function refusalText(count: number, reasons: Iterable<Refusal>): string {
  const refusals = new Map<Refusal, number>();
  for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
  const counts = new Map<string, number>();
  for (const [{ reasons: texts }, times] of refusals) for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + times);
  const parts = [...counts].map(([text, times]) => `${times} ${text}`).toSorted();
  return `0/${count} nodes are available: ${parts.join(", ")}.`;
}
