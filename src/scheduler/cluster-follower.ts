import type { Namespace } from "#api/core/namespace.ts";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { podClaims } from "#api/core/pod-resource-claims.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import type { ResourceSlice } from "#api/resource/resource-slice.ts";
import type { Change } from "#client/informer.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { SchedulerCache } from "./cache.ts";
import { type ClusterChange, nodeDifferences } from "./cluster-change.ts";
import type { ClusterInformers } from "./cluster-informers.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import { extenderName } from "./extenders/extenders.ts";
import type { Nominator } from "./nominator.ts";
import { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import type { SchedulingQueue } from "./queue.ts";

interface Followed {
  readonly informers: ClusterInformers;
  readonly cluster: ClusterState;
  readonly cache: SchedulerCache;
  readonly nominator: Nominator;
  readonly queue: SchedulingQueue;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Brings what the API tells into the cluster's state and the queue, and has pods tried again that a change may help. */
export class ClusterFollower {
  readonly #followed: Followed;

  constructor(followed: Followed) {
    this.#followed = followed;
  }

  start(): void {
    const { informers } = this.#followed;
    informers.nodes.subscribe((change) => this.#nodeChanged(change));
    informers.pods.subscribe((change) => this.#podChanged(change));
    informers.namespaces.subscribe((change) => this.#namespaceChanged(change));
    informers.resourceClaims.subscribe((change) => this.#claimChanged(change));
    informers.resourceSlices.subscribe((change) => this.#sliceChanged(change));
    informers.deviceClasses.subscribe(({ object }) => this.#objectChanged(object));
    informers.persistentVolumes.subscribe(({ object: { spec: { claimRef } } }) => this.#claimsVolumeChanged(claimRef));
    informers.persistentVolumeClaims.subscribe(({ object: { metadata } }) => this.#claimsVolumeChanged(metadata));
    const { persistentVolumes, persistentVolumeClaims, storageClasses, csiNodes, csiDrivers, csiStorageCapacities } = informers;
    for (const informer of [persistentVolumes, persistentVolumeClaims, storageClasses, csiNodes, csiDrivers, csiStorageCapacities]) {
      informer.subscribe((change: Change<KubeObject>) => this.#objectChanged(change.object));
    }
  }

  /** Pods that wait for such a change are tried again. */
  changed(change: ClusterChange): void {
    const { queue, profiles } = this.#followed;
    queue.changed(({ pod, refusedBy }) => {
      // What an extender goes by is not known.
      if (refusedBy.has(extenderName)) return true;
      const plugins = profiles.get(pod.pod.spec.schedulerName)?.plugins ?? [];
      return plugins.some(({ plugin }) => refusedBy.has(plugin.name) && plugin.mayHelp?.(pod, change) === true);
    });
  }

  #nodeChanged(change: Change<Node>): void {
    const { cache } = this.#followed;
    const { object: node } = change;
    if (change.type === "deleted") {
      cache.removeNode(node.metadata.name);
      return this.changed({ what: "node-removed", node });
    }
    cache.putNode(node);
    if (change.type === "added") return this.changed({ what: "node-added", node });
    const differences = nodeDifferences(change.before, node);
    if (differences) this.changed({ what: "node-updated", node, differences });
  }

  #podChanged(change: Change<Pod>): void {
    const { object: pod } = change;
    if (change.type === "deleted") return this.#gone(pod.metadata.uid);
    if (pod.spec.nodeName) return this.#placed(pod, change.type === "added" || !change.before.spec.nodeName);
    this.#pending(pod, change.type === "updated" ? change.before : undefined);
  }

  #gone(uid: string): void {
    const { queue, nominator, cache } = this.#followed;
    queue.remove(uid);
    nominator.forget(uid);
    const removed = cache.removePod(uid);
    if (removed) this.changed({ what: "pod-removed", pod: removed });
  }

  /** A pod with a node has come or changed. */
  #placed(pod: Pod, isNew: boolean): void {
    const { queue, nominator, cache } = this.#followed;
    queue.remove(pod.metadata.uid);
    nominator.forget(pod.metadata.uid);
    const { pod: info, before } = cache.putPod(pod);
    if (isNew) this.changed({ what: "pod-placed", pod: info });
    else if (before && before !== info) this.changed({ what: "pod-updated", pod: info, before });
  }

  /** A pod without a node has come or changed. */
  #pending(pod: Pod, before: Pod | undefined): void {
    const { queue, nominator, cache, profiles } = this.#followed;
    const { uid, deletionTimestamp } = pod.metadata;
    if (!profiles.has(pod.spec.schedulerName) || cache.isAssumed(uid)) return;
    if (deletionTimestamp !== undefined) {
      nominator.forget(uid);
      return queue.remove(uid);
    }
    const known = queue.get(uid);
    if (known && before && equal(before.spec, pod.spec) && equal(before.metadata.labels, pod.metadata.labels)) {
      known.pod.pod = pod;
      // The names of claims that were made for it stand there.
      if (!equal(before.status.resourceClaimStatuses, pod.status.resourceClaimStatuses)) queue.release(uid);
      return;
    }
    const info = new PodInfo(pod);
    if (pod.status.nominatedNodeName) nominator.nominate(info, pod.status.nominatedNodeName);
    queue.put(info);
  }

  /** What terms with a selector for namespaces mean depends on the labels of namespaces. */
  #namespaceChanged(change: Change<Namespace>): void {
    if (change.type === "updated" && equal(change.before.metadata.labels, change.object.metadata.labels)) return;
    this.#followed.cluster.forgetTallies();
    this.#objectChanged(change.object);
  }

  #claimChanged(change: Change<ResourceClaim>): void {
    const { cluster: { devices }, queue } = this.#followed;
    const { object: claim } = change;
    if (change.type === "deleted") return devices.ledger.remove(claim);
    devices.ledger.put(claim);
    const { namespace, name } = claim.metadata;
    queue.releaseAll((pod) => pod.namespace === namespace && podClaims(pod.pod).some((wanted) => wanted.is === "claim" && wanted.name === name));
    this.changed({ what: "claim-changed", claim, before: change.type === "updated" ? change.before : undefined });
  }

  #sliceChanged(change: Change<ResourceSlice>): void {
    const { pools } = this.#followed.cluster.devices;
    if (change.type === "deleted") return pools.remove(change.object);
    pools.put(change.object, change.type === "updated" ? change.before : undefined);
    this.#objectChanged(change.object);
  }

  /** Which volume it is that pods with the claim use may be otherwise now. */
  #claimsVolumeChanged(claim: { readonly namespace?: string; readonly name?: string } | undefined): void {
    if (claim) this.#followed.cluster.touchUsersOf(`${claim.namespace}/${claim.name}`);
  }

  #objectChanged({ kind, metadata: { namespace, name } }: KubeObject): void {
    this.changed({ what: "object-changed", kind, namespace, name });
  }
}
