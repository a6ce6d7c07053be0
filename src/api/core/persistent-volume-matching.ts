import { selectorFromObject } from "#machinery/label-selectors.ts";
import { compareQuantities } from "#machinery/quantity.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../generated/core-v1.ts";
import { type SelectableNode, selects } from "./node-selector.ts";

const classAnnotation = "volume.beta.kubernetes.io/storage-class";

/** "" where it names none, which is also what volumes without a class have. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? "";
}

/** Whether the volume is meant for the claim: by name, and by uid where that is given. */
export function isMeantFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.namespace !== metadata.namespace || claimRef.name !== metadata.name) return false;
  return claimRef.uid === undefined || claimRef.uid === "" || claimRef.uid === metadata.uid;
}

/** Why the volume will not do, though it is asked for by name; `undefined` when it will. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.spec.volumeMode !== claim.spec.volumeMode) {
    return `incompatible volumeMode ${JSON.stringify(volume.spec.volumeMode)} for requested ${JSON.stringify(claim.spec.volumeMode)}`;
  }
  if (!isLargeEnough(volume, claim)) return "requested PV is too small";
  if (classOf(volume) !== classOf(claim)) return "storageClassName does not match";
  return offersModes(volume, claim) ? undefined : "incompatible accessMode";
}

/**
 * The smallest volume that will do; one that is meant for the claim takes precedence.
 * @param node that the claim's first pod is on, where the binding had to wait for it
 */
export function bestVolume(
  volumes: Iterable<PersistentVolume>, claim: PersistentVolumeClaim, node: SelectableNode | undefined,
): PersistentVolume | undefined {
  const selector = claim.spec.selector && selectorFromObject(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp !== undefined || mismatch(volume, claim) !== undefined) continue;
    if (volume.spec.claimRef) {
      if (isMeantFor(volume, claim)) return volume;
      continue;
    }
    const isFree = volume.status.phase === "Available" && (selector?.matches(volume.metadata.labels) ?? true);
    if (!isFree || !isReachable(volume, node)) continue;
    if (!best || compareQuantities(sizeOf(volume), sizeOf(best)) < 0) best = volume;
  }
  return best;
}

function isReachable({ spec: { nodeAffinity } }: PersistentVolume, node: SelectableNode | undefined): boolean {
  return node === undefined || nodeAffinity?.required === undefined || selects(nodeAffinity.required, node);
}

function isLargeEnough(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  return compareQuantities(sizeOf(volume), spec.resources.requests?.["storage"] ?? "0") >= 0;
}

function sizeOf({ spec }: PersistentVolume): string {
  return spec.capacity?.["storage"] ?? "0";
}

function offersModes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode) === true);
}
