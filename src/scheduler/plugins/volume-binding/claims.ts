import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { classOf } from "#api/core/persistent-volume-matching.ts";
import type { ClusterState } from "../../cluster-state/cluster-state.ts";
import type { PodInfo } from "../../pod-info.ts";
import { type Refusal, refusal } from "../../refusals.ts";

/** A pod's claims: those that have their volume, and those that get one where the pod goes. */
export interface Claims {
  readonly bound: readonly PersistentVolumeClaim[];
  readonly delayed: readonly PersistentVolumeClaim[];
}

const unbound = refusal("VolumeBinding", true, "pod has unbound immediate PersistentVolumeClaims");

/** @returns a refusal where the pod cannot be placed for now, whatever the node */
export function claimsFor(pod: PodInfo, cluster: ClusterState): Claims | Refusal {
  const { namespace } = pod;
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  let waits = false;
  for (const name of pod.claims) {
    const claim = cluster.objects.persistentVolumeClaims.get(namespace, name);
    const trouble = troubleWith(claim, name, pod);
    if (!claim || trouble !== undefined) return refusal("VolumeBinding", true, trouble ?? "");
    if (isBound(claim)) bound.push(claim);
    else if (claim.spec.volumeName || !isDelayed(claim, cluster)) waits = true;
    else delayed.push(claim);
  }
  return waits ? unbound : { bound, delayed };
}

/** In upstream's words. */
function troubleWith(claim: PersistentVolumeClaim | undefined, name: string, pod: PodInfo): string | undefined {
  const isGeneric = (pod.pod.spec.volumes ?? []).some((volume) => volume.ephemeral && `${pod.name}-${volume.name}` === name);
  if (!claim && isGeneric) return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
  if (!claim) return `persistentvolumeclaim "${name}" not found`;
  const { namespace } = pod;
  if (claim.status.phase === "Lost") return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  const isOwn = claim.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.uid) === true;
  if (isGeneric && !isOwn) return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.name} (pod is not owner)`;
  return undefined;
}

export function isBound({ spec, metadata }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.["pv.kubernetes.io/bind-completed"] !== undefined;
}

/** Whether the claim's volume is chosen only once a pod needs it. */
function isDelayed(claim: PersistentVolumeClaim, { objects }: ClusterState): boolean {
  return objects.storageClasses.get("", classOf(claim))?.volumeBindingMode === "WaitForFirstConsumer";
}
