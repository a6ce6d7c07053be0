import type { StatefulSet } from "#api/apps/stateful-set.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import type { Pod } from "#api/core/pod.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject, New, OwnerReference } from "#machinery/kind.ts";
import { controllerOf, controllerReference } from "#machinery/owner-references.ts";
import type { EventWish, Write } from "../../controller.ts";
import { update } from "../../writes.ts";

/** The claims of the set's namespace, by name. */
export type Claims = ReadonlyMap<string, PersistentVolumeClaim>;

export function claimName({ metadata }: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${template.metadata.name}-${metadata.name}-${ordinal}`;
}

export function claimNames(set: StatefulSet, ordinal: number): readonly string[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => claimName(set, template, ordinal));
}

/** Makes the claims that the pod of a number lacks. */
export function claimCreations(set: StatefulSet, ordinal: number, claims: Claims): Write[] {
  const missing = (set.spec.volumeClaimTemplates ?? []).filter((template) => !claims.has(claimName(set, template, ordinal)));
  const pod = `${set.metadata.name}-${ordinal}`;
  return missing.map((template) => {
    const name = claimName(set, template, ordinal);
    return {
      do: "create", kind: PersistentVolumeClaim, object: claimOf(set, name, template),
      created: { reason: "SuccessfulCreate", message: () => `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success` },
      failed: {
        reason: "FailedCreate",
        message: (error) => `create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${error}`,
      },
    };
  });
}

function claimOf(set: StatefulSet, name: string, { metadata, spec }: PersistentVolumeClaim): New<PersistentVolumeClaim> {
  const { labels, annotations } = metadata;
  const ownerReferences = set.spec.persistentVolumeClaimRetentionPolicy.whenDeleted === "Delete" ? [referenceTo(set)] : undefined;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: set.metadata.namespace, annotations, labels: { ...labels, ...set.spec.selector.matchLabels }, ownerReferences },
    spec,
  };
}

/** Whether the pod of a number has to wait for claims that go away: with the pod before it, or because somebody deleted them. */
export function hasStaleClaim(set: StatefulSet, ordinal: number, claims: Claims): boolean {
  return claimNames(set, ordinal).some((name) => {
    const { ownerReferences = [], deletionTimestamp } = claims.get(name)?.metadata ?? {};
    return deletionTimestamp !== undefined || ownerReferences.some(isPod);
  });
}

/**
 * Who owns a claim says with whom it goes (KEP-1847): the set, the pod that was scaled away, or neither. A claim that somebody else
 * manages is left alone, and an event says so.
 */
export function retention(
  set: StatefulSet, pod: Pod, ordinal: number, isCondemned: boolean, claims: Claims,
): { readonly writes: readonly Write[]; readonly events: readonly EventWish[] } {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy;
  const goesWithPod = isCondemned && whenScaled === "Delete";
  const wanted = goesWithPod ? [referenceTo(pod)] : whenDeleted === "Delete" ? [referenceTo(set)] : [];
  const present = claimNames(set, ordinal).flatMap((name) => claims.get(name) ?? []);
  const managed = present.filter((claim) => isManagedByOthers(claim, set));
  const writes = present.filter((claim) => !managed.includes(claim)).flatMap((claim): Write[] => {
    const { ownerReferences = [] } = claim.metadata;
    const references = [...ownerReferences.filter((one) => !isPod(one) && one.uid !== set.metadata.uid), ...wanted];
    if (equal(references, ownerReferences)) return [];
    return [update(PersistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, ownerReferences: references } })];
  });
  const events = managed.map(({ metadata: { name } }): EventWish => ({
    type: "Warning", reason: "ConflictingController",
    message: `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a managing controller, `
      + "the retention policy is ignored for this claim",
  }));
  return { writes, events };
}

function isManagedByOthers(claim: PersistentVolumeClaim, set: StatefulSet): boolean {
  const controller = controllerOf(claim);
  return controller !== undefined && controller.uid !== set.metadata.uid && !isPod(controller);
}

function isPod({ apiVersion, kind }: OwnerReference): boolean {
  return apiVersion === "v1" && kind === "Pod";
}

function referenceTo(owner: KubeObject): OwnerReference {
  return controllerReference(owner, owner.apiVersion, owner.kind);
}
