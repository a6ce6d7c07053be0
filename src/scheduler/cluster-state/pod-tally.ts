import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { DomainCounts } from "./domain-counts.ts";

/** What to count: pods, by the value that their node has for a label. */
export interface PodQuery {
  /** Equal texts mean equal queries. */
  readonly key: string;
  readonly topologyKey: string;
  /** Only pods of this namespace; of all where absent. */
  readonly namespace?: string;
  matches(pod: PodInfo): boolean;
  /** Nodes whose pods count, beyond having the label; all where absent. Looks at labels and taints only. */
  includes?(node: NodeInfo): boolean;
}

/** The answer to a query, kept current with every node and pod that comes and goes. */
export class PodTally {
  readonly query: PodQuery;
  readonly counts = new DomainCounts();
  /** How many included nodes each domain has. */
  readonly #nodes = new Map<string, number>();
  #total = 0;

  constructor(query: PodQuery, nodes: Iterable<NodeInfo>) {
    this.query = query;
    for (const node of nodes) this.nodeAdded(node);
  }

  /** All pods counted. */
  get total(): number {
    return this.#total;
  }

  /** The count of the domain that the node belongs to; 0 where it belongs to none. */
  at(node: NodeInfo): number {
    const domain = node.labels[this.query.topologyKey];
    return domain === undefined ? 0 : this.counts.get(domain);
  }

  nodeAdded(node: NodeInfo): void {
    const domain = this.#domainOf(node);
    if (domain === undefined) return;
    const nodes = this.#nodes.get(domain) ?? 0;
    this.#nodes.set(domain, nodes + 1);
    if (nodes === 0) this.counts.open(domain);
    for (const pod of node.pods.values()) this.#change(domain, pod, 1);
  }

  /** Called while the node is still as it was. */
  nodeRemoved(node: NodeInfo): void {
    const domain = this.#domainOf(node);
    if (domain === undefined) return;
    for (const pod of node.pods.values()) this.#change(domain, pod, -1);
    const nodes = (this.#nodes.get(domain) ?? 0) - 1;
    this.#nodes.set(domain, nodes);
    if (nodes > 0) return;
    this.#nodes.delete(domain);
    this.counts.close(domain);
  }

  podAdded(pod: PodInfo, node: NodeInfo): void {
    this.#move(pod, node, 1);
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    this.#move(pod, node, -1);
  }

  #move(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (this.query.namespace !== undefined && this.query.namespace !== pod.namespace) return;
    const domain = this.#domainOf(node);
    if (domain !== undefined) this.#change(domain, pod, by);
  }

  #change(domain: string, pod: PodInfo, by: 1 | -1): void {
    if (this.query.namespace !== undefined && this.query.namespace !== pod.namespace) return;
    if (!this.query.matches(pod)) return;
    this.counts.change(domain, by);
    this.#total += by;
  }

  #domainOf(node: NodeInfo): string | undefined {
    const domain = node.labels[this.query.topologyKey];
    return domain !== undefined && (this.query.includes?.(node) ?? true) ? domain : undefined;
  }
}
