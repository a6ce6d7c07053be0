import type { NodeInfo } from "../node-info.ts";

/** Answers about nodes, each good until its node changes. */
export class NodeMemo<T> {
  readonly #generations: number[] = [];
  readonly #answers: T[] = [];

  /** The answer as it was computed before, if nothing has changed since; while something is only supposed, nothing is remembered. */
  get(node: NodeInfo, compute: (node: NodeInfo) => T): T {
    if (node.suppositions > 0) return compute(node);
    const { slot, generation } = node;
    if (this.#generations[slot] === generation) return this.#answers[slot] as T;
    const answer = compute(node);
    this.#generations[slot] = generation;
    this.#answers[slot] = answer;
    return answer;
  }
}
