import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { VolumeBindingArgs } from "#api/generated/schedulerconfig-v1.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Plugin } from "../plugin.ts";
import type { Reservation, Write } from "../reservation.ts";
import { type Claims, claimsFor, isBound } from "./volume-binding/claims.ts";
import { findVolumes, selectedNodeAnnotation, type Volumes } from "./volume-binding/find-volumes.ts";

interface State {
  readonly claims: Claims;
  readonly cluster: ClusterState;
}

const boundByController = "pv.kubernetes.io/bound-by-controller";
const helpful = new Set(["PersistentVolume", "PersistentVolumeClaim", "StorageClass", "CSINode", "CSIDriver", "CSIStorageCapacity"]);

/** Puts pods where their volumes are or can be, and has claims bound that waited for it (Kubernetes "Storage Classes": volume binding mode). */
export function volumeBinding({ bindTimeoutSeconds }: VolumeBindingArgs = { bindTimeoutSeconds: 600 }): Plugin<State> {
  return {
    name: "VolumeBinding",
    refuse(pod, cluster) {
      if (pod.claims.length === 0) return undefined;
      const claims = claimsFor(pod, cluster);
      return "reasons" in claims ? claims : undefined;
    },
    prepare(pod, cluster) {
      if (pod.claims.length === 0) return undefined;
      const claims = claimsFor(pod, cluster);
      return "reasons" in claims ? undefined : { claims, cluster };
    },
    filter(_pod, node, { claims, cluster }) {
      const found = findVolumes(claims, node, cluster);
      return "reasons" in found ? found : undefined;
    },
    reserve(pod, node, cluster) {
      const claims = pod.claims.length === 0 ? undefined : claimsFor(pod, cluster);
      if (!claims || "reasons" in claims || claims.delayed.length === 0) return undefined;
      const found = findVolumes(claims, node, cluster);
      return "reasons" in found ? undefined : reservation(claims, found, node, bindTimeoutSeconds);
    },
    mayHelp: (_pod, change) =>
      change.what === "node-added" || change.what === "node-updated" || (change.what === "object-changed" && helpful.has(change.kind)),
  };
}

/** Volumes are bound from their side, claims without one told where to have it made; the rest is the volume controller's. */
function reservation({ delayed }: Claims, { matched, provisioned }: Volumes, node: NodeInfo, timeoutSeconds: number): Reservation {
  return {
    what: "volumes",
    promises: new Map(matched.map(({ claim, volume }) => [volume.metadata.name, claim.metadata.uid])),
    writes: [
      ...matched.flatMap(({ claim, volume }) => (volume.spec.claimRef?.uid === claim.metadata.uid ? [] : [bind(volume, claim)])),
      ...provisioned.flatMap((claim) => (claim.metadata.annotations?.[selectedNodeAnnotation] === node.name ? [] : [select(claim, node)])),
    ],
    timeoutSeconds,
    isFulfilled: ({ objects }) =>
      delayed.every(({ metadata: { namespace, name } }) => {
        const claim = objects.persistentVolumeClaims.get(namespace, name);
        if (!claim) throw new Error(`persistentvolumeclaim "${name}" not found`);
        return isBound(claim);
      }),
  };
}

function bind(volume: PersistentVolume, { apiVersion, kind, metadata }: PersistentVolumeClaim): Write {
  const { namespace, name, uid, resourceVersion } = metadata;
  const annotations = volume.spec.claimRef ? volume.metadata.annotations : { ...volume.metadata.annotations, [boundByController]: "yes" };
  const claimRef = { apiVersion, kind, namespace, name, uid, resourceVersion };
  const bound: PersistentVolume = { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } };
  return { kind: PersistentVolume, object: bound };
}

function select(claim: PersistentVolumeClaim, { name }: NodeInfo): Write {
  const annotations = { ...claim.metadata.annotations, [selectedNodeAnnotation]: name };
  return { kind: PersistentVolumeClaim, object: { ...claim, metadata: { ...claim.metadata, annotations } } };
}
