import { ReplicaSet } from "#api/apps/replica-set.ts";
import { StatefulSet } from "#api/apps/stateful-set.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Node } from "#api/core/node.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import { DeviceClass } from "#api/resource/device-class.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { CSIDriver } from "#api/storage/csi-driver.ts";
import { CSINode } from "#api/storage/csi-node.ts";
import { CSIStorageCapacity } from "#api/storage/csi-storage-capacity.ts";
import { StorageClass } from "#api/storage/storage-class.ts";
import type { Client } from "#client/client.ts";
import { Informer, type InformerOptions } from "#client/informer.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { LabelSelectorObject } from "#machinery/label-selectors.ts";
import type { ClusterObjects } from "./cluster-objects.ts";

/** Live copies of all that the scheduler looks at. */
export class ClusterInformers implements ClusterObjects {
  readonly nodes: Informer<Node>;
  /** All but those that are over. */
  readonly pods: Informer<Pod>;
  readonly namespaces: Informer<Namespace>;
  readonly services: Informer<Service>;
  readonly persistentVolumes: Informer<PersistentVolume>;
  readonly persistentVolumeClaims: Informer<PersistentVolumeClaim>;
  readonly storageClasses: Informer<StorageClass>;
  readonly csiNodes: Informer<CSINode>;
  readonly csiDrivers: Informer<CSIDriver>;
  readonly csiStorageCapacities: Informer<CSIStorageCapacity>;
  readonly podDisruptionBudgets: Informer<PodDisruptionBudget>;
  readonly resourceClaims: Informer<ResourceClaim>;
  readonly resourceSlices: Informer<ResourceSlice>;
  readonly deviceClasses: Informer<DeviceClass>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;
  readonly #all: { start(): void; stop(): void; synced(): Promise<void> }[] = [];

  constructor(client: Client, options: Pick<InformerOptions<KubeObject>, "clock" | "failed">) {
    const informer = <T extends KubeObject>(kind: KindReference<T>, fieldSelector?: string): Informer<T> => {
      const made = new Informer(client.of(kind), { ...options, ...(fieldSelector === undefined ? {} : { fieldSelector }) });
      this.#all.push(made);
      return made;
    };
    this.nodes = informer(Node);
    this.pods = informer(Pod, "status.phase!=Succeeded,status.phase!=Failed");
    this.namespaces = informer(Namespace);
    this.services = informer(Service);
    this.persistentVolumes = informer(PersistentVolume);
    this.persistentVolumeClaims = informer(PersistentVolumeClaim);
    this.storageClasses = informer(StorageClass);
    this.csiNodes = informer(CSINode);
    this.csiDrivers = informer(CSIDriver);
    this.csiStorageCapacities = informer(CSIStorageCapacity);
    this.podDisruptionBudgets = informer(PodDisruptionBudget);
    this.resourceClaims = informer(ResourceClaim);
    this.resourceSlices = informer(ResourceSlice);
    this.deviceClasses = informer(DeviceClass);
    this.#replicaSets = informer(ReplicaSet);
    this.#statefulSets = informer(StatefulSet);
  }

  /** Resolves when everything is known. */
  async start(): Promise<void> {
    for (const informer of this.#all) informer.start();
    await Promise.all(this.#all.map((informer) => informer.synced()));
  }

  stop(): void {
    for (const informer of this.#all) informer.stop();
  }

  workloadSelector(kind: string, namespace: string, name: string): LabelSelectorObject | undefined {
    if (kind === "ReplicaSet") return this.#replicaSets.get(namespace, name)?.spec.selector;
    return kind === "StatefulSet" ? this.#statefulSets.get(namespace, name)?.spec.selector : undefined;
  }
}
