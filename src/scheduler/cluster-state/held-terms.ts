import { type AffinityTerm, termMeans } from "../affinity-term.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Labels } from "#machinery/label-selectors.ts";

/** A term that placed pods hold, with how many hold it in each domain. */
export interface HeldTerm {
  readonly term: AffinityTerm;
  readonly holders: Map<string, number>;
}

/**
 * The affinity terms of all placed pods, each different one once: so few must be compared with a pod that comes, whatever the number of
 * pods that hold them.
 */
export class HeldTerms {
  readonly #terms = new Map<string, HeldTerm>();
  readonly #heldBy: (pod: PodInfo) => readonly AffinityTerm[];

  /** @param heldBy which of a pod's terms to keep */
  constructor(heldBy: (pod: PodInfo) => readonly AffinityTerm[]) {
    this.#heldBy = heldBy;
  }

  /** The terms that mean this pod. */
  meaning({ namespace, labels }: PodInfo, namespaceLabels: Labels | undefined): readonly HeldTerm[] {
    const found: HeldTerm[] = [];
    for (const held of this.#terms.values()) if (termMeans(held.term, namespace, labels, namespaceLabels)) found.push(held);
    return found;
  }

  podAdded(pod: PodInfo, node: NodeInfo): void {
    for (const term of this.#heldBy(pod)) this.#change(term, node, 1);
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    for (const term of this.#heldBy(pod)) this.#change(term, node, -1);
  }

  #change(term: AffinityTerm, { labels }: NodeInfo, by: 1 | -1): void {
    const domain = labels[term.topologyKey];
    if (domain === undefined) return;
    const held = this.#terms.get(term.key) ?? { term, holders: new Map<string, number>() };
    this.#terms.set(term.key, held);
    const left = (held.holders.get(domain) ?? 0) + by;
    if (left > 0) held.holders.set(domain, left);
    else held.holders.delete(domain);
    if (held.holders.size === 0) this.#terms.delete(term.key);
  }
}
