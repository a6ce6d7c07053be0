import { classOf } from "#api/core/persistent-volume-matching.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";

interface State {
  /** The pod's volumes. */
  readonly volumes: Volumes;
  readonly cluster: ClusterState;
}

/** By driver, what tells each volume apart from all others. */
type Volumes = ReadonlyMap<string, ReadonlySet<string>>;

const tooMany = refusal("NodeVolumeLimits", false, "node(s) exceed max volume count");
const helpful = new Set(["CSINode", "PersistentVolumeClaim", "VolumeAttachment"]);

/** Sees that a node gets no more volumes of a CSI driver than the driver can attach there (API reference: storage/v1 CSINode). */
export const nodeVolumeLimits: Plugin<State> = {
  name: "NodeVolumeLimits",
  prepare(pod, cluster) {
    const volumes = volumesOf([pod], cluster);
    return volumes.size === 0 ? undefined : { volumes, cluster };
  },
  filter(_pod, node, { volumes, cluster }) {
    const drivers = cluster.objects.csiNodes.get("", node.name)?.spec.drivers ?? [];
    if (drivers.length === 0) return undefined;
    const attached = cluster.volumesInUse.get(node, () => volumesOf(node.pods.values(), cluster));
    for (const { name, allocatable } of drivers) {
      const wanted = volumes.get(name);
      if (wanted === undefined || allocatable?.count === undefined) continue;
      const there = attached.get(name);
      let count = there?.size ?? 0;
      for (const volume of wanted) if (there?.has(volume) !== true) count += 1;
      if (count > allocatable.count) return tooMany;
    }
    return undefined;
  },
  mayHelp: (_pod, change) => {
    if (change.what === "object-changed") return helpful.has(change.kind);
    return change.what === "node-added" || (change.what === "pod-removed" && change.pod.claims.length > 0);
  },
};

/** A volume that several claims or pods share counts once; one that is yet to be made counts by its claim. */
function volumesOf(pods: Iterable<PodInfo>, { objects }: ClusterState): Volumes {
  const volumes = new Map<string, Set<string>>();
  const add = (driver: string, volume: string): void => void volumes.set(driver, (volumes.get(driver) ?? new Set()).add(volume));
  for (const { claims, namespace } of pods) {
    for (const name of claims) {
      const claim = objects.persistentVolumeClaims.get(namespace, name);
      if (!claim) continue;
      const volume = objects.persistentVolumes.get("", claim.spec.volumeName ?? "");
      const provisioner = objects.storageClasses.get("", classOf(claim))?.provisioner;
      if (volume?.spec.csi) add(volume.spec.csi.driver, volume.spec.csi.volumeHandle);
      else if (!volume && provisioner) add(provisioner, `${namespace}/${name}`);
    }
  }
  return volumes;
}
