import { bestVolume, classOf } from "#api/core/persistent-volume-matching.ts";
import type { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { StorageClass } from "#api/storage/storage-class.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import { compareQuantities } from "#machinery/quantity.ts";
import type { ClusterState } from "../../cluster-state/cluster-state.ts";
import type { NodeInfo } from "../../node-info.ts";
import { selects } from "../../node-selection.ts";
import { type Refusal, refusal } from "../../refusals.ts";
import type { Claims } from "./claims.ts";

/** The node that a provisioner is to make the claim's volume for. */
export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";

/** What claims would get on a node. */
export interface Volumes {
  readonly matched: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  /** These are yet to be made. */
  readonly provisioned: readonly PersistentVolumeClaim[];
}

const missing = refusal("VolumeBinding", true, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
const elsewhere = refusal("VolumeBinding", true, "node(s) didn't match PersistentVolume's node affinity");
const noSpace = refusal("VolumeBinding", true, "node(s) did not have enough free storage");
const nothingToBind = refusal("VolumeBinding", true, "node(s) didn't find available persistent volumes to bind");

/** Pure: the same node gives the same volumes as long as nothing changes. */
export function findVolumes({ bound, delayed }: Claims, node: NodeInfo, cluster: ClusterState): Volumes | Refusal {
  for (const { spec } of bound) {
    const volume = cluster.objects.persistentVolumes.get("", spec.volumeName ?? "");
    if (!volume) return missing;
    if (!isReachable(volume, node)) return elsewhere;
  }
  const matched: Volumes["matched"][number][] = [];
  const provisioned: PersistentVolumeClaim[] = [];
  for (const claim of delayed) {
    const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
    if (selected !== undefined && selected !== node.name) return nothingToBind;
    const taken = new Set(matched.map(({ volume }) => volume.metadata.name));
    const volume = selected === undefined ? bestVolume(volumesFor(claim, taken, cluster), claim, node) : undefined;
    const storageClass = cluster.objects.storageClasses.get("", classOf(claim));
    if (volume) matched.push({ claim, volume });
    else if (!storageClass || !canBeMade(storageClass, node)) return nothingToBind;
    else if (!hasCapacity(claim, storageClass, node, cluster)) return noSpace;
    else provisioned.push(claim);
  }
  return { matched, provisioned };
}

/** Volumes of the claim's class that are promised to nobody else. */
function* volumesFor(claim: PersistentVolumeClaim, taken: ReadonlySet<string>, { objects, promises }: ClusterState): Iterable<PersistentVolume> {
  for (const volume of objects.persistentVolumes.list()) {
    const { name } = volume.metadata;
    if (classOf(volume) !== classOf(claim) || taken.has(name)) continue;
    const promised = promises.get(name);
    if (promised === undefined || promised === claim.metadata.uid) yield volume;
  }
}

function canBeMade({ provisioner, allowedTopologies: terms = [] }: StorageClass, { labels }: NodeInfo): boolean {
  if (provisioner === "" || provisioner === "kubernetes.io/no-provisioner") return false;
  return terms.length === 0 || terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])));
}

function isReachable({ spec: { nodeAffinity } }: PersistentVolume, node: NodeInfo): boolean {
  return nodeAffinity?.required === undefined || selects(nodeAffinity.required, node);
}

/** Where the driver tells how much room it has, there has to be a place that the node belongs to and that is large enough (KEP-1472). */
function hasCapacity(claim: PersistentVolumeClaim, { metadata, provisioner }: StorageClass, node: NodeInfo, { objects }: ClusterState): boolean {
  if (objects.csiDrivers.get("", provisioner)?.spec.storageCapacity !== true) return true;
  const wanted = claim.spec.resources.requests?.["storage"] ?? "0";
  for (const { storageClassName, capacity, maximumVolumeSize, nodeTopology } of objects.csiStorageCapacities.list()) {
    const most = maximumVolumeSize ?? capacity;
    if (storageClassName !== metadata.name || most === undefined || compareQuantities(most, wanted) < 0) continue;
    if (selectorFromObject(nodeTopology).matches(node.labels)) return true;
  }
  return false;
}
