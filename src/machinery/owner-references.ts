import type { OwnerReference } from "./kind.ts";

interface Owned {
  readonly metadata?: { readonly ownerReferences?: readonly OwnerReference[] };
}

interface Owner {
  readonly metadata?: { readonly name?: string; readonly uid?: string };
}

/** The one owner (API reference: meta/v1 OwnerReference) that manages the object, if any. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: Owned, owner: Owner): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** The reference by which `owner` manages what it makes; the owner's foreground deletion waits for it. */
export function controllerReference(owner: Owner, apiVersion: string, kind: string): OwnerReference {
  return { apiVersion, kind, name: owner.metadata?.name ?? "", uid: owner.metadata?.uid ?? "", controller: true, blockOwnerDeletion: true };
}
