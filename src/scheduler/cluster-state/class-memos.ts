import type { Refusal } from "../refusals.ts";
import { NodeMemo } from "./node-memo.ts";

/** What is remembered of each node for pods that are alike in all that counts there. */
export interface ClassMemos {
  readonly refusals: NodeMemo<Refusal | undefined>;
  readonly rescues: NodeMemo<unknown>;
}

/** So many classes are remembered; those asked least lately go first. */
const mostClasses = 64;

/** A workload's pods ask the same question one after the other, and most nodes have not changed in between. */
export class MemosByClass {
  readonly #classes = new Map<string, ClassMemos>();

  of(key: string): ClassMemos {
    const known = this.#classes.get(key);
    const memos = known ?? { refusals: new NodeMemo<Refusal | undefined>(), rescues: new NodeMemo<unknown>() };
    if (known) this.#classes.delete(key);
    else if (this.#classes.size >= mostClasses) this.#classes.delete(this.#classes.keys().next().value ?? "");
    this.#classes.set(key, memos);
    return memos;
  }

  clear(): void {
    this.#classes.clear();
  }
}
