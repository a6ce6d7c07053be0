import type { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { EventOf, Write } from "../../controller.ts";
import { update } from "../../writes.ts";
import { revisionOf, withSizeAnnotations } from "./annotations.ts";
import type { Revisions } from "./revisions.ts";
import type { Sizes } from "./sizes.ts";

/** @param set without a size yet */
export function creation(set: ReplicaSet, replicas: number): { readonly set: ReplicaSet; readonly write: Write } {
  const sized = { ...set, spec: { ...set.spec, replicas } };
  const { name, namespace, labels, annotations, ownerReferences } = set.metadata;
  const metadata = { name, namespace, labels, annotations, ownerReferences };
  const object = { apiVersion: set.apiVersion, kind: set.kind, metadata, spec: sized.spec };
  const failed: EventOf = { reason: "ReplicaSetCreateError", message: (error) => `Failed to create new replica set "${name}": ${error}` };
  return {
    set: sized,
    write: { do: "create", kind: ReplicaSet, object, failed, ...(replicas > 0 ? { created: scaled(name, 0, replicas) } : {}) },
  };
}

/** Writes the sets that are to have another size, or whose revision has changed. @param stored the sets as they are */
export function resizes(deployment: Deployment, stored: readonly ReplicaSet[], { current, old }: Revisions, sizes: Sizes): Write[] {
  const wanted = current ? [current, ...old] : old;
  return wanted.flatMap((set): Write[] => {
    const before = stored.find(({ metadata }) => metadata.uid === set.metadata.uid);
    const size = sizes.get(set);
    const after = size === undefined ? set : withSizeAnnotations({ ...set, spec: { ...set.spec, replicas: size } }, deployment);
    if (!before || semanticallyEqual(before, after)) return [];
    const changes = before.spec.replicas !== after.spec.replicas;
    return [update(ReplicaSet, after, changes ? scaled(set.metadata.name, before.spec.replicas, after.spec.replicas) : undefined)];
  });
}

/** Old sets without pods go, the lowest revisions first, until no more are left than the history may have. */
export function cleanups({ spec }: Deployment, old: readonly ReplicaSet[]): Write[] {
  if (spec.revisionHistoryLimit === 2 ** 31 - 1) return [];
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - spec.revisionHistoryLimit;
  if (surplus <= 0) return [];
  return alive.toSorted((left, right) => Number(revisionOf(left) - revisionOf(right))).slice(0, surplus).filter(isEmpty).map(({ metadata }) => ({
    do: "delete", kind: ReplicaSet, namespace: metadata.namespace, name: metadata.name, options: { preconditions: { uid: metadata.uid } },
  }));
}

function isEmpty({ metadata, spec, status }: ReplicaSet): boolean {
  return spec.replicas === 0 && status.replicas === 0 && (metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
}

function scaled(set: string, from: number, to: number): EventOf {
  return { reason: "ScalingReplicaSet", message: () => `Scaled ${to > from ? "up" : "down"} replica set ${set} from ${from} to ${to}` };
}
