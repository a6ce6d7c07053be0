import type { Pod } from "#api/core/pod.ts";
import { parseTime } from "#machinery/time.ts";

const firstDelayMilliseconds = 1_000;
const longestDelayMilliseconds = 15 * 60_000;

/** How often pods of a set have failed on a node. */
interface Record {
  readonly generation: number;
  readonly pod: string;
  /** When that pod was made. */
  readonly at: number;
  readonly before: number;
}

/**
 * A pod that fails as soon as it is there (a node that refuses it, say) is replaced ever more slowly. This is all that is remembered: the
 * API does not tell how many pods there were before.
 */
export class FailedPods {
  /** By the set's key and the node. Bounded: by the sets and nodes that there are. */
  readonly #records = new Map<string, Map<string, Record>>();

  /** How long after it was made the failed pod is to go, in milliseconds. Asked again about the same pod, it answers the same. */
  delay(set: string, generation: number, node: string, { metadata }: Pod): number {
    const records = this.#records.get(set) ?? new Map<string, Record>();
    this.#records.set(set, records);
    const last = records.get(node);
    const at = parseTime(metadata.creationTimestamp) ?? 0;
    const isForgiven = !last || last.generation !== generation || at - last.at > 2 * longestDelayMilliseconds;
    const before = isForgiven ? 0 : last.pod === metadata.uid ? last.before : last.before + 1;
    records.set(node, { generation, pod: metadata.uid, at, before });
    return before === 0 ? 0 : Math.min(longestDelayMilliseconds, firstDelayMilliseconds * 2 ** (before - 1));
  }

  /** @param isThere whether the node exists */
  retain(set: string, isThere: (node: string) => boolean): void {
    const records = this.#records.get(set);
    for (const node of records?.keys() ?? []) if (!isThere(node)) records?.delete(node);
  }

  forget(set: string): void {
    this.#records.delete(set);
  }
}
