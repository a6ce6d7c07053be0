import { mkdir, stat } from "node:fs/promises";

import type { PersistentVolume } from "#api/generated/core-v1.ts";
import type { DirectoryVolume, MountedVolume } from "../volume.ts";

/** A persistent volume that the pod's claim is bound to. Of its types, those that lie on the node itself: hostPath and local. */
export const persistentVolumeClaimVolume: DirectoryVolume = {
  is: "directory",
  source: "persistentVolumeClaim",
  async setUp({ persistentVolumeClaim: source }, { pod, objects }) {
    const { claimName = "", readOnly = false } = source ?? {};
    const { namespace } = pod.metadata;
    const claim = await objects.persistentVolumeClaim(namespace, claimName);
    if (claim === undefined) throw new Error(`error getting PVC ${namespace}/${claimName}: could not find PVC`);
    const { volumeName } = claim.spec;
    if (claim.status.phase !== "Bound" || !volumeName) throw new Error(`PVC ${namespace}/${claimName} is not bound`);
    const volume = await objects.persistentVolume(volumeName);
    if (volume === undefined) throw new Error(`error getting PV "${volumeName}": could not find PV`);
    if (volume.spec.claimRef?.uid !== claim.metadata.uid) throw new Error(`PV "${volumeName}" is not bound to PVC ${namespace}/${claimName}`);
    return { ...await onNode(volume), readOnly };
  },
};

async function onNode({ metadata, spec }: PersistentVolume): Promise<MountedVolume> {
  if (spec.volumeMode === "Block") throw new Error(`volume mode Block of PV "${metadata.name}" is not supported by this node`);
  if (spec.hostPath !== undefined) {
    if (spec.hostPath.type === "DirectoryOrCreate" || spec.hostPath.type === "") await mkdir(spec.hostPath.path, { recursive: true });
    return { path: spec.hostPath.path, readOnly: false, takesGroup: false };
  }
  if (spec.local !== undefined) {
    const stats = await stat(spec.local.path).catch(() => undefined);
    if (stats === undefined) throw new Error(`path "${spec.local.path}" does not exist`);
    return { path: spec.local.path, readOnly: false, takesGroup: true };
  }
  const type = Object.keys(spec).find((name) => !commonFields.has(name)) ?? "unknown";
  throw new Error(`persistent volume type ${type} of PV "${metadata.name}" is not supported by this node`);
}

/** Fields of a volume that do not say its type. */
const commonFields = new Set([
  "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity",
  "volumeAttributesClassName",
]);
