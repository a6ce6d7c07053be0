import type { Namespace } from "#api/core/namespace.ts";
import type { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { Service } from "#api/core/service.ts";
import type { PodDisruptionBudget } from "#api/generated/policy-v1.ts";
import type { DeviceClass } from "#api/resource/device-class.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import type { CSIDriver } from "#api/storage/csi-driver.ts";
import type { CSINode } from "#api/storage/csi-node.ts";
import type { CSIStorageCapacity } from "#api/storage/csi-storage-capacity.ts";
import type { StorageClass } from "#api/storage/storage-class.ts";
import type { LabelSelectorObject } from "#machinery/label-selectors.ts";

/** A complete and current copy of one kind's objects. */
export interface Lister<T> {
  /** @param namespace "" for cluster-scoped kinds */
  get(namespace: string, name: string): T | undefined;
  list(): Iterable<T>;
  inNamespace(namespace: string): readonly T[];
}

/** What plugins may know of the cluster beyond nodes and pods. */
export interface ClusterObjects {
  readonly namespaces: Lister<Namespace>;
  readonly services: Lister<Service>;
  readonly persistentVolumes: Lister<PersistentVolume>;
  readonly persistentVolumeClaims: Lister<PersistentVolumeClaim>;
  readonly storageClasses: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly csiDrivers: Lister<CSIDriver>;
  readonly csiStorageCapacities: Lister<CSIStorageCapacity>;
  readonly podDisruptionBudgets: Lister<PodDisruptionBudget>;
  readonly resourceClaims: Lister<ResourceClaim>;
  readonly deviceClasses: Lister<DeviceClass>;
  /** Which pods a controller of that kind counts as its own; `undefined` where there is none, or it is of another kind. */
  workloadSelector(kind: string, namespace: string, name: string): LabelSelectorObject | undefined;
}
