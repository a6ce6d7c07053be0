import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Controller, Outcome } from "../../controller.ts";
import { keyOf } from "../../runtime.ts";
import { update } from "../../writes.ts";
import { boundByControllerAnnotation, phaseWrites, type Trouble } from "./binding.ts";
import { binderPermissions } from "./permissions.ts";

const provisionedByAnnotation = "pv.kubernetes.io/provisioned-by";

/** Keeps the phases of volumes, and disposes of those whose claim is gone (Kubernetes "Persistent Volumes": reclaiming). */
export const volumeBinderController: Controller<PersistentVolume, { readonly claim: PersistentVolumeClaim | undefined }> = {
  name: "persistent-volume-binder",
  permissions: binderPermissions,
  kind: PersistentVolume,
  watches: [{ kind: PersistentVolumeClaim, keys: volumesOfClaim }],
  observe: ({ spec: { claimRef } }, caches) => ({
    claim: claimRef && caches.of(PersistentVolumeClaim).get(claimRef.namespace ?? "", claimRef.name ?? ""),
  }),
  reconcile,
};

function volumesOfClaim(claim: KubeObject): string[] {
  const { volumeName } = (claim as PersistentVolumeClaim).spec;
  return volumeName ? [keyOf("", volumeName)] : [];
}

function reconcile(volume: PersistentVolume, { claim }: { readonly claim: PersistentVolumeClaim | undefined }, now: number): Outcome {
  const { claimRef } = volume.spec;
  // Meant for a claim that has yet to come counts as available: nobody else gets it all the same.
  if (!claimRef?.uid) return { writes: phaseWrites(volume, "Available", now) };
  if (claim?.metadata.uid !== claimRef.uid) return release(volume, now);
  if (claim.spec.volumeName === volume.metadata.name) return { writes: phaseWrites(volume, "Bound", now) };
  if (!claim.spec.volumeName) return {};
  return unbind(volume, now);
}

/** The claim took another volume: one that was chosen for it here becomes free again. */
function unbind(volume: PersistentVolume, now: number): Outcome {
  const { [boundByControllerAnnotation]: chosen, ...annotations } = volume.metadata.annotations ?? {};
  if (chosen === undefined) return { writes: phaseWrites(volume, "Available", now) };
  const { claimRef: _, ...spec } = volume.spec;
  const free = { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  return { writes: [update(PersistentVolume, free), ...phaseWrites(free, "Available", now)] };
}

/** The claim is gone. What the policy says is done once; a volume that failed waits for somebody to look at it. */
function release(volume: PersistentVolume, now: number): Outcome {
  if (volume.status.phase === "Failed") return {};
  if (volume.status.phase !== "Released") return { writes: phaseWrites(volume, "Released", now) };
  const { persistentVolumeReclaimPolicy: policy, hostPath, csi } = volume.spec;
  if (policy === "Retain" || volume.metadata.deletionTimestamp !== undefined) return {};
  const { name, uid, annotations } = volume.metadata;
  if (policy === "Recycle") return fail(volume, { reason: "VolumeFailedRecycle", message: "no recyclable volume plugin matched" }, now);
  if (hostPath) return { writes: [{ do: "delete", kind: PersistentVolume, namespace: "", name, options: { preconditions: { uid } } }] };
  // Whoever provisioned it deletes it.
  if (csi ?? annotations?.[provisionedByAnnotation]) return {};
  const message = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
  return fail(volume, { reason: "VolumeFailedDelete", message }, now);
}

function fail(volume: PersistentVolume, why: Trouble, now: number): Outcome {
  return { events: [{ type: "Warning", ...why }], writes: phaseWrites(volume, "Failed", now, why) };
}
