import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { NodeInfo, PodInfo } from "./node-info.ts";

/**
 * All nodes with the pods on them, as the API tells it and as the scheduler has just decided. A pod that was given a node counts there
 * at once (assumed), until the API shows it there or `forget` says that it came to nothing.
 */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Node name by pod uid. */
  readonly #places = new Map<string, string>();
  readonly #assumed = new Set<string>();
  /** Pods on nodes that are not known (yet). */
  readonly #homeless = new Map<string, PodInfo>();
  #list: readonly NodeInfo[] | undefined;

  /** In a stable order. */
  nodes(): readonly NodeInfo[] {
    this.#list ??= [...this.#nodes.values()];
    return this.#list;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  putNode(node: Node): void {
    const known = this.#nodes.get(node.metadata.name);
    if (known) {
      known.node = node;
      return;
    }
    const info = new NodeInfo(node);
    this.#nodes.set(node.metadata.name, info);
    this.#list = undefined;
    for (const [uid, pod] of this.#homeless) {
      if (this.#places.get(uid) !== node.metadata.name) continue;
      this.#homeless.delete(uid);
      info.add(pod);
    }
  }

  removeNode(name: string): void {
    for (const [uid, pod] of this.#nodes.get(name)?.pods ?? []) this.#homeless.set(uid, pod);
    this.#nodes.delete(name);
    this.#list = undefined;
  }

  /** The pod is on its node, says the API. */
  putPod(pod: Pod): void {
    this.#assumed.delete(pod.metadata.uid);
    this.#place(new PodInfo(pod), pod.spec.nodeName ?? "");
  }

  removePod(uid: string): void {
    const place = this.#places.get(uid);
    if (place === undefined) return;
    this.#assumed.delete(uid);
    this.#places.delete(uid);
    this.#homeless.delete(uid);
    this.#nodes.get(place)?.remove(uid);
  }

  assume(pod: PodInfo, node: string): void {
    this.#assumed.add(pod.pod.metadata.uid);
    this.#place(pod, node);
  }

  /** The assumed pod does not come after all. One that the API has shown meanwhile stays. */
  forget(uid: string): void {
    if (this.#assumed.has(uid)) this.removePod(uid);
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  #place(pod: PodInfo, node: string): void {
    const { uid } = pod.pod.metadata;
    const before = this.#places.get(uid);
    if (before !== undefined && before !== node) this.#nodes.get(before)?.remove(uid);
    this.#places.set(uid, node);
    const info = this.#nodes.get(node);
    if (info) info.add(pod);
    else this.#homeless.set(uid, pod);
  }
}
