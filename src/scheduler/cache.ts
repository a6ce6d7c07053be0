import type { Pod } from "#api/core/pod.ts";
import type { Node } from "#api/core/node.ts";
import { equal } from "#machinery/equality.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import { PodInfo } from "./pod-info.ts";
import { sameGrants } from "./pod-resize.ts";

/** Where a pod is. */
interface Place {
  readonly pod: PodInfo;
  readonly node: string;
}

/**
 * Keeps the cluster's state as the API tells it and as the scheduler has just decided. A pod that was given a node counts there at once
 * (assumed), until the API shows it there or `forget` says that it came to nothing. A pod on a node that is not known (yet) counts nowhere.
 */
export class SchedulerCache {
  readonly #cluster: ClusterState;
  readonly #places = new Map<string, Place>();
  readonly #assumed = new Set<string>();
  /** Uids of pods on nodes that are not known, by node. */
  readonly #homeless = new Map<string, Set<string>>();

  constructor(cluster: ClusterState) {
    this.#cluster = cluster;
  }

  putNode(node: Node): void {
    const { name } = node.metadata;
    const info = this.#cluster.putNode(node);
    for (const uid of this.#homeless.get(name) ?? []) {
      const place = this.#places.get(uid);
      if (place) this.#cluster.add(place.pod, info);
    }
    this.#homeless.delete(name);
  }

  removeNode(name: string): void {
    const pods = this.#cluster.node(name)?.pods;
    this.#cluster.removeNode(name);
    if (pods?.size) this.#homeless.set(name, new Set(pods.keys()));
  }

  /** The pod is on its node, says the API. Returns how it stands there now, and how it did before. */
  putPod(pod: Pod): { readonly pod: PodInfo; readonly before: PodInfo | undefined } {
    const { uid } = pod.metadata;
    const node = pod.spec.nodeName ?? "";
    const known = this.#places.get(uid);
    this.#assumed.delete(uid);
    if (known?.node === node && countsAlike(known.pod.pod, pod)) {
      // Preemption looks at it.
      if (known.pod.pod.status.startTime !== pod.status.startTime) this.#cluster.touch(node);
      known.pod.pod = pod;
      return { pod: known.pod, before: known.pod };
    }
    const info = new PodInfo(pod);
    this.removePod(uid);
    this.#place(info, node);
    return { pod: info, before: known?.pod };
  }

  removePod(uid: string): PodInfo | undefined {
    const place = this.#places.get(uid);
    if (!place) return undefined;
    this.#assumed.delete(uid);
    this.#places.delete(uid);
    const node = this.#cluster.node(place.node);
    if (node) this.#cluster.remove(place.pod, node);
    else this.#leaveHomeless(place.node, uid);
    return place.pod;
  }

  assume(pod: PodInfo, node: string): void {
    this.#assumed.add(pod.uid);
    this.#place(pod, node);
  }

  /** The assumed pod does not come after all. One that the API has shown meanwhile stays. */
  forget(uid: string): PodInfo | undefined {
    return this.#assumed.has(uid) ? this.removePod(uid) : undefined;
  }

  /** How many pods have a node, and of how many the API does not say so yet. */
  get sizes(): { readonly pods: number; readonly assumed: number } {
    return { pods: this.#places.size, assumed: this.#assumed.size };
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  #place(pod: PodInfo, node: string): void {
    this.#places.set(pod.uid, { pod, node });
    const info = this.#cluster.node(node);
    if (info) this.#cluster.add(pod, info);
    else this.#homeless.set(node, (this.#homeless.get(node) ?? new Set()).add(pod.uid));
  }

  #leaveHomeless(node: string, uid: string): void {
    const uids = this.#homeless.get(node);
    uids?.delete(uid);
    if (uids?.size === 0) this.#homeless.delete(node);
  }
}

/** Whether both say the same to all that is worked out from a pod on its node. */
function countsAlike(one: Pod, other: Pod): boolean {
  return (
    one.metadata.deletionTimestamp === other.metadata.deletionTimestamp && equal(one.metadata.labels, other.metadata.labels) &&
    sameGrants(one, other) && equal({ ...one.spec, nodeName: undefined }, { ...other.spec, nodeName: undefined })
  );
}
