import type { Volume } from "#api/generated/core-v1.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";

interface State {
  /** Volumes of the pod that can be in the way of others. */
  readonly disks: readonly Volume[];
  /** Claims of the pod that only one pod may use, as `namespace/name`. */
  readonly exclusive: readonly string[];
  readonly cluster: ClusterState;
}

const conflict = refusal("VolumeRestrictions", false, "node(s) had no available disk");
const inUse = refusal("VolumeRestrictions", false, "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

/** Keeps apart pods whose volumes do not bear each other, and lets one pod only use a claim of mode ReadWriteOncePod (KEP-2485). */
export const volumeRestrictions: Plugin<State> = {
  name: "VolumeRestrictions",
  prepare(pod, cluster) {
    const disks = (pod.pod.spec.volumes ?? []).filter((one) => one.gcePersistentDisk ?? one.awsElasticBlockStore ?? one.iscsi ?? one.rbd);
    const exclusive = exclusiveClaims(pod, cluster);
    return disks.length + exclusive.length === 0 ? undefined : { disks, exclusive, cluster };
  },
  filter(_pod, node, { disks, exclusive, cluster }) {
    if (disks.some((disk) => isInTheWay(disk, node))) return conflict;
    return exclusive.some((claim) => cluster.isClaimInUse(claim)) ? inUse : undefined;
  },
  mayHelp: ({ claims, namespace }, change) => {
    if (change.what === "pod-removed") {
      const sharesClaim = change.pod.namespace === namespace && change.pod.claims.some((name) => claims.includes(name));
      return sharesClaim || change.pod.pod.spec.volumes !== undefined;
    }
    return change.what === "node-added" || (change.what === "object-changed" && change.kind === "PersistentVolumeClaim");
  },
};

function exclusiveClaims({ claims, namespace }: PodInfo, { objects }: ClusterState): readonly string[] {
  const isExclusive = (name: string): boolean =>
    objects.persistentVolumeClaims.get(namespace, name)?.spec.accessModes?.includes("ReadWriteOncePod") === true;
  return claims.filter(isExclusive).map((name) => `${namespace}/${name}`);
}

function isInTheWay(disk: Volume, { pods }: NodeInfo): boolean {
  for (const { pod } of pods.values()) if (pod.spec.volumes?.some((other) => clash(disk, other)) === true) return true;
  return false;
}

/** The same disk twice; where its kind allows it, not if both only read. */
function clash(one: Volume, other: Volume): boolean {
  const bothRead = (a: { readonly readOnly?: boolean }, b: { readonly readOnly?: boolean }): boolean => a.readOnly === true && b.readOnly === true;
  if (one.gcePersistentDisk && other.gcePersistentDisk) {
    const [a, b] = [one.gcePersistentDisk, other.gcePersistentDisk];
    return a.pdName === b.pdName && !bothRead(a, b);
  }
  if (one.awsElasticBlockStore && other.awsElasticBlockStore) return one.awsElasticBlockStore.volumeID === other.awsElasticBlockStore.volumeID;
  if (one.iscsi && other.iscsi) return one.iscsi.iqn === other.iscsi.iqn && !bothRead(one.iscsi, other.iscsi);
  if (!one.rbd || !other.rbd) return false;
  const [a, b] = [one.rbd, other.rbd];
  return a.monitors.some((monitor) => b.monitors.includes(monitor)) && a.pool === b.pool && a.image === b.image && !bothRead(a, b);
}
