import type { ClassMemos } from "./cluster-state/class-memos.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Plugin } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Question } from "./question.ts";
import type { Refusal } from "./refusals.ts";

/** A plugin that takes part for this pod, with what it prepared. */
interface Taking {
  readonly plugin: Plugin<unknown, unknown>;
  readonly state: unknown;
}

interface Prepared {
  readonly taking: readonly Taking[];
  /** The only nodes that can do, and the plugins that say so. */
  readonly only: ReadonlySet<string> | undefined;
  readonly onlyBy: readonly string[];
}

/** The filters of one pod, prepared once, to be asked about any node. */
export class Filters implements Pick<Prepared, "only" | "onlyBy"> {
  readonly only: ReadonlySet<string> | undefined;
  readonly onlyBy: readonly string[];
  readonly #question: Question;
  readonly #taking: readonly Taking[];
  /** Where all that take part look at the node alone. */
  readonly #memos: ClassMemos | undefined;
  /** The node that is special for this pod and not for others of its class. */
  readonly #nominatedNode: string | undefined;
  readonly #compute = (node: NodeInfo): Refusal | undefined => this.#first(node) ?? this.#withGuests(node);

  constructor(question: Question, { taking, only, onlyBy }: Prepared) {
    const { pod, cluster, nominator } = question;
    this.#question = question;
    this.#taking = taking;
    this.only = only;
    this.onlyBy = onlyBy;
    this.#memos = taking.every(({ plugin }) => plugin.isLocal) ? cluster.memos.of(`${question.profile.name}|${pod.nodeClass}`) : undefined;
    this.#nominatedNode = nominator.nodeOf(pod.uid);
  }

  /** What stands against the node, both without and with the pods that room is being made for there. */
  refusalOf(node: NodeInfo): Refusal | undefined {
    return this.#memos && node.name !== this.#nominatedNode ? this.#memos.refusals.get(node, this.#compute) : this.#compute(node);
  }

  remembered<T>(node: NodeInfo, compute: (node: NodeInfo) => T): T {
    return this.#memos && node.name !== this.#nominatedNode ? (this.#memos.rescues.get(node, compute) as T) : compute(node);
  }

  #withGuests(node: NodeInfo): Refusal | undefined {
    const { pod, cluster, nominator } = this.#question;
    const nominated = nominator.on(node.name);
    if (nominated.size === 0) return undefined;
    const guests: PodInfo[] = [];
    for (const guest of nominated.values()) if (guest.uid !== pod.uid && guest.priority >= pod.priority) guests.push(guest);
    if (guests.length === 0) return undefined;
    return cluster.supposing(node, () => {
      for (const guest of guests) cluster.supposeAdded(guest, node);
      const refused = this.#first(node);
      for (const guest of guests) cluster.supposeRemoved(guest, node);
      return refused;
    });
  }

  #first(node: NodeInfo): Refusal | undefined {
    const { pod } = this.#question;
    for (const { plugin, state } of this.#taking) {
      try {
        const refused = plugin.filter?.(pod, node, state);
        if (refused) return refused;
      } catch (error) {
        throw new Error(`running "${plugin.name}" filter plugin: ${(error as Error).message}`, { cause: error });
      }
    }
    return undefined;
  }
}

export function filtersFor(question: Question): Filters {
  const { pod, cluster, profile } = question;
  const taking: Taking[] = [];
  const onlyBy: string[] = [];
  let only: ReadonlySet<string> | undefined;
  for (const { plugin } of profile.plugins) {
    const candidates = plugin.candidates?.(pod, cluster);
    if (candidates) {
      onlyBy.push(plugin.name);
      only = only === undefined ? candidates : new Set([...only].filter((name) => candidates.has(name)));
    }
    if (!plugin.filter) continue;
    const state = plugin.prepare?.(pod, cluster);
    if (state !== undefined || !plugin.prepare) taking.push({ plugin, state });
  }
  return new Filters(question, { taking, only, onlyBy });
}
