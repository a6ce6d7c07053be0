import { Node } from "#api/core/node.ts";
import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { PersistentVolume } from "#api/core/persistent-volume.ts";
import { bestVolume, classOf, isMeantFor, mismatch } from "#api/core/persistent-volume-matching.ts";
import type { SelectableNode } from "#api/core/node-selector.ts";
import { Pod } from "#api/core/pod.ts";
import { isDefaultStorageClass, StorageClass } from "#api/storage/storage-class.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Caches, Controller, EventWish, Outcome } from "../../controller.ts";
import { claimsOf } from "../../pod-claims.ts";
import { isFinished } from "../../pods.ts";
import { keyOf } from "../../runtime.ts";
import { update, updateStatus } from "../../writes.ts";
import { binding, completedAnnotation } from "./binding.ts";
import { binderPermissions } from "./permissions.ts";

const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";

export interface ClaimWorld {
  readonly volumes: Iterable<PersistentVolume>;
  /** The volume that the claim names. */
  readonly named: PersistentVolume | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly defaultClass: StorageClass | undefined;
  /** The node that the claim's first pod is on, or is to be on. */
  readonly node: SelectableNode | undefined;
  /** A pod that uses the claim and waits for a node. */
  readonly waitingPod: string | undefined;
}

/** Finds each claim its volume (Kubernetes "Persistent Volumes": binding). */
export const claimBinderController: Controller<PersistentVolumeClaim, ClaimWorld> = {
  name: "persistent-volume-binder",
  permissions: binderPermissions,
  kind: PersistentVolumeClaim,
  workers: 1,
  watches: [
    { kind: PersistentVolume, keys: claimsForVolume },
    { kind: Pod, keys: claimsOfPod },
    { kind: StorageClass, keys: (_, caches) => waitingClaims(caches).map(claimKey) },
    { kind: Node, keys: () => [] },
  ],
  observe,
  reconcile,
};

/** The volume's own claim; for a volume that is free, all claims that wait. */
function claimsForVolume(volume: KubeObject, caches: Caches): string[] {
  const { claimRef } = (volume as PersistentVolume).spec;
  if (claimRef) return [keyOf(claimRef.namespace, claimRef.name ?? "")];
  return waitingClaims(caches).filter((claim) => classOf(claim) === classOf(volume as PersistentVolume)).map(claimKey);
}

function waitingClaims(caches: Caches): PersistentVolumeClaim[] {
  return [...caches.of(PersistentVolumeClaim).list()].filter(({ status }) => status.phase !== "Bound");
}

function claimKey({ metadata }: PersistentVolumeClaim): string {
  return keyOf(metadata.namespace, metadata.name);
}

/** A pod matters to claims whose binding waits for it. */
function claimsOfPod(pod: KubeObject, caches: Caches): string[] {
  const { namespace } = pod.metadata;
  return claimsOf(pod as Pod)
    .filter((name) => caches.of(PersistentVolumeClaim).get(namespace, name)?.status.phase !== "Bound")
    .map((name) => keyOf(namespace, name));
}

function observe(claim: PersistentVolumeClaim, caches: Caches): ClaimWorld {
  const { namespace, name, annotations } = claim.metadata;
  const classes = caches.of(StorageClass);
  const isBound = claim.status.phase === "Bound";
  const users = isBound ? [] : caches.of(Pod).inNamespace(namespace).filter((pod) => !isFinished(pod) && claimsOf(pod).includes(name));
  const nodeName = annotations?.[selectedNodeAnnotation] ?? users.find(({ spec }) => spec.nodeName)?.spec.nodeName;
  const node = nodeName === undefined ? undefined : caches.of(Node).get("", nodeName);
  return {
    volumes: isBound ? [] : caches.of(PersistentVolume).list(),
    named: claim.spec.volumeName ? caches.of(PersistentVolume).get("", claim.spec.volumeName) : undefined,
    storageClass: classes.get("", classOf(claim)),
    defaultClass: claim.spec.storageClassName === undefined ? newestDefault(classes.list()) : undefined,
    node: node && { name: node.metadata.name, labels: node.metadata.labels ?? {} },
    waitingPod: users[0]?.metadata.name,
  };
}

function newestDefault(classes: Iterable<StorageClass>): StorageClass | undefined {
  const defaults = [...classes].filter(isDefaultStorageClass);
  return defaults.sort((left, right) => (left.metadata.creationTimestamp < right.metadata.creationTimestamp ? 1 : -1))[0];
}

function reconcile(claim: PersistentVolumeClaim, world: ClaimWorld, now: number): Outcome {
  if (claim.metadata.annotations?.[completedAnnotation] !== undefined) return keepBound(claim, world, now);
  return claim.spec.volumeName ? bindNamed(claim, world, now) : bindAny(claim, world, now);
}

/** A binding once completed is never chosen anew: where its volume is lost, so are the data. */
function keepBound(claim: PersistentVolumeClaim, { named }: ClaimWorld, now: number): Outcome {
  const lost = !claim.spec.volumeName ? "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
    : !named ? "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    : named.spec.claimRef && named.spec.claimRef.uid !== claim.metadata.uid && !isMeantFor(named, claim)
      ? "Two claims are bound to the same volume, this one is bound incorrectly"
    : undefined;
  if (named && lost === undefined) return { writes: binding(named, claim, now) };
  if (claim.status.phase === "Lost") return {};
  const reason = lost?.startsWith("Two claims") ? "ClaimMisbound" : "ClaimLost";
  return {
    events: [{ type: "Warning", reason, message: lost ?? "" }],
    writes: [updateStatus(PersistentVolumeClaim, { ...claim, status: { ...claim.status, phase: "Lost" } })],
  };
}

function bindNamed(claim: PersistentVolumeClaim, { named }: ClaimWorld, now: number): Outcome {
  if (!named) return pending(claim);
  if (named.spec.claimRef && !isMeantFor(named, claim)) {
    const message = `volume "${named.metadata.name}" already bound to a different claim.`;
    return pending(claim, { type: "Warning", reason: "FailedBinding", message });
  }
  const problem = mismatch(named, claim);
  if (problem === undefined) return { writes: binding(named, claim, now) };
  const message = `Cannot bind to requested volume "${named.metadata.name}": ${problem}`;
  return pending(claim, { type: "Warning", reason: "VolumeMismatch", message });
}

function bindAny(claim: PersistentVolumeClaim, world: ClaimWorld, now: number): Outcome {
  const { volumes, storageClass, defaultClass, node, waitingPod } = world;
  if (defaultClass && claim.metadata.deletionTimestamp === undefined) {
    return { writes: [update(PersistentVolumeClaim, { ...claim, spec: { ...claim.spec, storageClassName: defaultClass.metadata.name } })] };
  }
  const waitsForPod = storageClass?.volumeBindingMode === "WaitForFirstConsumer" && node === undefined;
  const candidates = waitsForPod ? [...volumes].filter(({ spec }) => spec.claimRef) : volumes;
  const volume = bestVolume(candidates, claim, storageClass?.volumeBindingMode === "WaitForFirstConsumer" ? node : undefined);
  if (volume) return { writes: binding(volume, claim, now) };
  return pending(claim, waitsForPod ? waitingEvent(waitingPod) : missingEvent(claim, storageClass));
}

function waitingEvent(pod: string | undefined): EventWish {
  if (pod !== undefined) return { type: "Normal", reason: "WaitForPodScheduled", message: `waiting for pod ${pod} to be scheduled` };
  return { type: "Normal", reason: "WaitForFirstConsumer", message: "waiting for first consumer to be created before binding" };
}

function missingEvent(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): EventWish {
  const name = classOf(claim);
  if (name === "") {
    return { type: "Normal", reason: "FailedBinding", message: "no persistent volumes available for this claim and no storage class is set" };
  }
  if (!storageClass) return { type: "Warning", reason: "ProvisioningFailed", message: `storageclass.storage.k8s.io "${name}" not found` };
  if (storageClass.provisioner === "kubernetes.io/no-provisioner") {
    const message = "no volume plugin matched name: kubernetes.io/no-provisioner";
    return { type: "Warning", reason: "ProvisioningFailed", message };
  }
  return {
    type: "Normal", reason: "ExternalProvisioning",
    message: `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system ` +
      "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  };
}

function pending(claim: PersistentVolumeClaim, event?: EventWish): Outcome {
  const status = { ...claim.status, phase: "Pending" as const };
  return {
    ...(event ? { events: [event] } : {}),
    writes: claim.status.phase === "Pending" ? [] : [updateStatus(PersistentVolumeClaim, { ...claim, status })],
  };
}
