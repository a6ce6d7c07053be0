import { classOf } from "#api/core/persistent-volume-matching.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";

interface State {
  /** The driver of each of the pod's volumes, by what tells the volume apart from all others. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly cluster: ClusterState;
}

const tooMany = refusal("NodeVolumeLimits", false, "node(s) exceed max volume count");
const helpful = new Set(["CSINode", "PersistentVolumeClaim", "VolumeAttachment"]);

/** Sees that a node gets no more volumes of a CSI driver than the driver can attach there (API reference: storage/v1 CSINode). */
export const nodeVolumeLimits: Plugin<State> = {
  name: "NodeVolumeLimits",
  prepare(pod, cluster) {
    const volumes = volumesOf(pod, cluster);
    return volumes.size === 0 ? undefined : { volumes, cluster };
  },
  filter(_pod, node, { volumes, cluster }) {
    const limits = limitsOf(node, cluster);
    if (limits.size === 0) return undefined;
    const attached = new Map(volumes);
    for (const pod of node.pods.values()) for (const [volume, driver] of volumesOf(pod, cluster)) attached.set(volume, driver);
    for (const driver of new Set(volumes.values())) {
      const count = [...attached.values()].filter((other) => other === driver).length;
      if (count > (limits.get(driver) ?? Infinity)) return tooMany;
    }
    return undefined;
  },
  mayHelp: (_pod, change) => {
    if (change.what === "object-changed") return helpful.has(change.kind);
    return change.what === "node-added" || (change.what === "pod-removed" && change.pod.claims.length > 0);
  },
};

function limitsOf({ name }: NodeInfo, { objects }: ClusterState): ReadonlyMap<string, number> {
  const drivers = objects.csiNodes.get("", name)?.spec.drivers ?? [];
  return new Map(drivers.flatMap((driver) => (driver.allocatable?.count === undefined ? [] : [[driver.name, driver.allocatable.count] as const])));
}

/** A volume that several claims or pods share counts once; one that is yet to be made counts by its claim. */
function volumesOf({ claims, namespace }: PodInfo, { objects }: ClusterState): ReadonlyMap<string, string> {
  const volumes = new Map<string, string>();
  for (const name of claims) {
    const claim = objects.persistentVolumeClaims.get(namespace, name);
    if (!claim) continue;
    const volume = objects.persistentVolumes.get("", claim.spec.volumeName ?? "");
    const provisioner = objects.storageClasses.get("", classOf(claim))?.provisioner;
    if (volume?.spec.csi) volumes.set(`${volume.spec.csi.driver}/${volume.spec.csi.volumeHandle}`, volume.spec.csi.driver);
    else if (!volume && provisioner) volumes.set(`${provisioner}/${namespace}/${name}`, provisioner);
  }
  return volumes;
}
