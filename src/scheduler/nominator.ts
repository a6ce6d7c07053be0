import type { PodInfo } from "./pod-info.ts";

const nobody: ReadonlyMap<string, PodInfo> = new Map();

/** Pods that room is being made for, by the node where: others leave it to them. */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodes = new Map<string, string>();

  readonly #changed: (node: string) => void;

  /** @param changed told of every node that gets or loses such a pod */
  constructor(changed: (node: string) => void) {
    this.#changed = changed;
  }

  nominate(pod: PodInfo, node: string): void {
    this.forget(pod.uid);
    this.#nodes.set(pod.uid, node);
    const pods = this.#byNode.get(node) ?? new Map<string, PodInfo>();
    this.#byNode.set(node, pods.set(pod.uid, pod));
    this.#changed(node);
  }

  forget(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    const pods = this.#byNode.get(node);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(node);
    this.#changed(node);
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodes.get(uid);
  }

  on(node: string): ReadonlyMap<string, PodInfo> {
    return this.#byNode.get(node) ?? nobody;
  }
}
