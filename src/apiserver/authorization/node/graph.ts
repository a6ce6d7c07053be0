import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { Pod } from "#api/core/pod.ts";
import type { Objects } from "../../request.ts";
import { podReferences, type Reference, volumeSecrets } from "./references.ts";

/**
 * What each node may read, since its pods refer to it. Only the pods of each node are kept; a node has some hundred pods at most,
 * so looking through them for one reference costs microseconds, and nothing needs to be kept in step.
 */
export class NodeGraph {
  readonly #objects: Objects;
  readonly #podsByNode = new Map<string, Map<string, Pod>>();

  constructor(objects: Objects) {
    this.#objects = objects;
    objects.subscribe(Pod, (after, before) => {
      if (before) this.#remove(before);
      if (after) this.#add(after);
    });
    for (const pod of objects.list(Pod, "")) this.#add(pod);
  }

  /** Whether a pod of the node refers to the object, or (for a secret) a volume that such a pod claims. */
  refersTo(nodeName: string, wanted: Reference): boolean {
    for (const pod of this.#pods(nodeName)) {
      for (const reference of podReferences(pod)) {
        if (isSame(reference, wanted)) return true;
        if (wanted.resource === "secrets" && reference.resource === "persistentvolumeclaims" && this.#volumeNeeds(reference, wanted)) return true;
      }
    }
    return false;
  }

  /** Whether a pod of the node claims the volume. */
  mounts(nodeName: string, volumeName: string): boolean {
    const claim = this.#objects.get(PersistentVolume, "", volumeName)?.spec.claimRef;
    if (!claim?.name || !claim.namespace) return false;
    return this.refersTo(nodeName, { resource: "persistentvolumeclaims", namespace: claim.namespace, name: claim.name });
  }

  *#pods(nodeName: string): Iterable<Pod> {
    yield* this.#podsByNode.get(nodeName)?.values() ?? [];
  }

  #volumeNeeds(claim: Reference, secret: Reference): boolean {
    const volumeName = this.#objects.get(PersistentVolumeClaim, claim.namespace, claim.name)?.spec.volumeName;
    const volume = volumeName ? this.#objects.get(PersistentVolume, "", volumeName) : undefined;
    return volume !== undefined && [...volumeSecrets(volume, claim.namespace)].some((each) => isSame(each, secret));
  }

  #add(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (!nodeName) return;
    let pods = this.#podsByNode.get(nodeName);
    if (!pods) this.#podsByNode.set(nodeName, (pods = new Map()));
    pods.set(pod.metadata.uid, pod);
  }

  #remove(pod: Pod): void {
    const { nodeName } = pod.spec;
    const pods = nodeName ? this.#podsByNode.get(nodeName) : undefined;
    pods?.delete(pod.metadata.uid);
    if (nodeName && pods?.size === 0) this.#podsByNode.delete(nodeName);
  }
}

function isSame(one: Reference, other: Reference): boolean {
  return one.resource === other.resource && one.name === other.name && one.namespace === other.namespace;
}
