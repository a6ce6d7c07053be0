import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { controllerOf, controllerReference } from "#machinery/owner-references.ts";
import type { Write } from "./controller.ts";

/** Which objects belong to an owner by controller reference and selector, and what has to be written for that to be true. */
export interface Claims<T extends KubeObject> {
  /** Owned, or about to be adopted. */
  readonly owned: readonly T[];
  readonly writes: readonly Write[];
}

/**
 * An owner adopts what its selector matches and nobody owns, and lets go what its selector no longer matches (API reference: meta/v1
 * OwnerReference). One that is being deleted only keeps what it has.
 * @param selects whether the object may belong to the owner
 * @param candidates owned by this owner, or by none
 * @param finalizer that an object has for as long as it belongs to the owner
 */
export function claim<T extends KubeObject>(
  owner: KubeObject, selects: (object: T) => boolean, kind: KindReference<T>, candidates: readonly T[], finalizer?: string,
): Claims<T> {
  const owned: T[] = [];
  const writes: Write[] = [];
  const ownerIsDeleted = owner.metadata.deletionTimestamp !== undefined;
  const held = finalizer === undefined ? {} : { finalizers: [finalizer] };
  const released = finalizer === undefined ? {} : { "$deleteFromPrimitiveList/finalizers": [finalizer] };
  for (const object of candidates) {
    const matches = selects(object);
    const controller = controllerOf(object);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) owned.push(object);
      else if (!ownerIsDeleted) writes.push(ownership(kind, object, { $patch: "delete", uid: owner.metadata.uid }, released));
    } else if (matches && !ownerIsDeleted && object.metadata.deletionTimestamp === undefined) {
      owned.push(object);
      writes.push(ownership(kind, object, controllerReference(owner, owner.apiVersion, owner.kind), held));
    }
  }
  return { owned, writes };
}

/** Names the uid, so that no namesake is patched. */
function ownership(kind: KindReference, { metadata: { namespace, name, uid } }: KubeObject, reference: unknown, more: object): Write {
  const patch = { metadata: { uid, ownerReferences: [reference], ...more } };
  return { do: "patch", kind, namespace, name, type: "application/strategic-merge-patch+json", patch };
}
