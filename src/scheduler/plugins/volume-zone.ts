import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";

/** A label of a volume, and where the volume may be used by it. */
interface Place {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

/** With the older names, under which nodes may bear them too. */
const keys: ReadonlyMap<string, string> = new Map([
  ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"],
  ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"],
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
]);
const elsewhere = refusal("VolumeZone", true, "node(s) had no available volume zone");

/** Keeps pods in the zones and regions that the labels of their volumes name. */
export const volumeZone: Plugin<readonly Place[]> = {
  name: "VolumeZone",
  prepare(pod, cluster) {
    const places = pod.claims.length === 0 ? [] : placesOf(pod, cluster);
    return places.length === 0 ? undefined : places;
  },
  filter(_pod, { labels }, places) {
    const isThere = ({ key, values }: Place): boolean => values.has(labels[key] ?? labels[keys.get(key) ?? ""] ?? "");
    return places.every(isThere) ? undefined : elsewhere;
  },
  mayHelp: (_pod, change) => {
    if (change.what === "object-changed") return ["PersistentVolume", "PersistentVolumeClaim", "StorageClass"].includes(change.kind);
    return change.what === "node-added" || (change.what === "node-updated" && change.differences.labels);
  },
};

/** Several zones of one volume are separated by two underscores. */
function placesOf(pod: PodInfo, { objects }: ClusterState): readonly Place[] {
  return pod.claims.flatMap((name) => {
    const claim = objects.persistentVolumeClaims.get(pod.namespace, name);
    const labels = objects.persistentVolumes.get("", claim?.spec.volumeName ?? "")?.metadata.labels ?? {};
    return [...keys.keys()].flatMap((key) => (labels[key] === undefined ? [] : [{ key, values: new Set(labels[key].split("__")) }]));
  });
}
