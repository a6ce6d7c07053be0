import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { formatTime } from "#machinery/time.ts";
import type { Write } from "../../controller.ts";
import { update, updateStatus } from "../../writes.ts";

/** On claims: the binding is done, and no longer to be chosen. */
export const completedAnnotation = "pv.kubernetes.io/bind-completed";
/** On claims and volumes: this controller chose the partner, not the user. */
export const boundByControllerAnnotation = "pv.kubernetes.io/bound-by-controller";

type Annotations = Readonly<Record<string, string>>;

/** Binds both to each other, the volume first: it is what others may want too. Only what is missing is written. */
export function binding(volume: PersistentVolume, claim: PersistentVolumeClaim, now: number): Write[] {
  const boundVolume = withClaim(volume, claim);
  const boundClaim = withVolume(claim, volume);
  const { accessModes, capacity } = volume.spec;
  const status = { ...claim.status, phase: "Bound" as const, accessModes, capacity };
  return [
    ...(boundVolume === volume ? [] : [update(PersistentVolume, boundVolume)]),
    ...phaseWrites(boundVolume, "Bound", now),
    ...(boundClaim === claim ? [] : [update(PersistentVolumeClaim, boundClaim)]),
    ...(semanticallyEqual(status, claim.status) ? [] : [updateStatus(PersistentVolumeClaim, { ...boundClaim, status })]),
  ];
}

function withClaim(volume: PersistentVolume, { apiVersion, kind, metadata }: PersistentVolumeClaim): PersistentVolume {
  if (volume.spec.claimRef?.uid === metadata.uid) return volume;
  const { namespace, name, uid, resourceVersion } = metadata;
  const claimRef = { apiVersion, kind, namespace, name, uid, resourceVersion };
  const chosen: Annotations = volume.spec.claimRef ? {} : { [boundByControllerAnnotation]: "yes" };
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...chosen } },
    spec: { ...volume.spec, claimRef },
  };
}

function withVolume(claim: PersistentVolumeClaim, { metadata: { name } }: PersistentVolume): PersistentVolumeClaim {
  const annotations = claim.metadata.annotations ?? {};
  if (claim.spec.volumeName === name && annotations[completedAnnotation] !== undefined) return claim;
  const chosen: Annotations = claim.spec.volumeName ? {} : { [boundByControllerAnnotation]: "yes" };
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...annotations, ...chosen, [completedAnnotation]: "yes" } },
    spec: { ...claim.spec, volumeName: name },
  };
}

export interface Trouble {
  readonly reason: string;
  readonly message: string;
}

/** @param why for phase Failed */
export function phaseWrites(volume: PersistentVolume, phase: NonNullable<PersistentVolume["status"]["phase"]>, now: number, why?: Trouble): Write[] {
  // What others say of a volume stays until it comes to another phase.
  if (volume.status.phase === phase) return [];
  const status = { ...volume.status, phase, lastPhaseTransitionTime: formatTime(now), message: why?.message };
  return [updateStatus(PersistentVolume, { ...volume, status })];
}
