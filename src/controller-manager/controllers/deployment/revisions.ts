import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import type { PodTemplateSpec } from "#api/generated/core-v1.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { templateHash } from "#machinery/hash.ts";
import { dns1123SubdomainMaximumLength } from "#machinery/names.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import { revisionOf, withRevision, withSizeAnnotations } from "./annotations.ts";

/** A deployment's sets: the one of its current template, if there is one, and those of earlier templates, oldest first. */
export interface Revisions {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

const hashLabel = "pod-template-hash";

export function revisionsOf(deployment: Deployment, sets: readonly ReplicaSet[]): Revisions {
  const byAge = sets.toSorted(oldestFirst);
  const current = byAge.find(({ spec }) => spec.template !== undefined && sameTemplate(spec.template, deployment.spec.template));
  const old = byAge.filter((set) => set !== current);
  return { current: current && upToDate(deployment, current, old), old };
}

export function oldestFirst({ metadata: left }: ReplicaSet, { metadata: right }: ReplicaSet): number {
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** Of these, and not set to 0. */
export function activeOf(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter(({ spec }) => spec.replicas > 0);
}

export function sizeOf(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

/** The name of the set for the deployment's current template. */
export function setName({ metadata, spec, status }: Deployment): string {
  const hash = templateHash(spec.template, status.collisionCount);
  return `${metadata.name.slice(0, dns1123SubdomainMaximumLength - hash.length - 1)}-${hash}`;
}

/** The set for the deployment's current template, as it is to be made; without a size yet. */
export function newSet(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status.collisionCount);
  const labels = { ...spec.template.metadata.labels, [hashLabel]: hash };
  const set: ReplicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: setName(deployment), namespace: metadata.namespace, uid: "", resourceVersion: "", creationTimestamp: "", labels,
      ownerReferences: [controllerReference(deployment, deployment.apiVersion, deployment.kind)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
  return withSizeAnnotations(withRevision(set, deployment, nextRevision(old)), deployment);
}

/** Templates are the same when they differ in nothing but the hash that a set adds. */
function sameTemplate(left: PodTemplateSpec, right: PodTemplateSpec): boolean {
  return semanticallyEqual(withoutHash(left), withoutHash(right));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function upToDate(deployment: Deployment, set: ReplicaSet, old: readonly ReplicaSet[]): ReplicaSet {
  const { minReadySeconds } = deployment.spec;
  const same = (set.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  return withRevision(same ? set : { ...set, spec: { ...set.spec, minReadySeconds } }, deployment, nextRevision(old));
}

function nextRevision(old: readonly ReplicaSet[]): bigint {
  return old.map(revisionOf).reduce((highest, revision) => (revision > highest ? revision : highest), 0n) + 1n;
}
