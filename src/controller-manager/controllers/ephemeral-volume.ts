import { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { Pod } from "#api/core/pod.ts";
import type { Volume } from "#api/generated/core-v1.ts";
import type { New } from "#machinery/kind.ts";
import { controllerReference, isControlledBy } from "#machinery/owner-references.ts";
import type { Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController } from "../runtime.ts";

interface World {
  /** The claims that the pod's ephemeral volumes are to have, as far as there are any, by name. */
  readonly claims: ReadonlyMap<string, PersistentVolumeClaim>;
}

/** Makes the claims of pods' generic ephemeral volumes; they go with their pod (KEP-1698). */
export const ephemeralVolumeController: Controller<Pod, World> = {
  name: "ephemeral-volume-controller",
  permissions: [
    allow("update", "", "pods/finalizers"),
    allow("get list watch", "", "pods"),
    allow("get list watch create", "", "persistentvolumeclaims"),
  ],
  kind: Pod,
  watches: [{ kind: PersistentVolumeClaim, keys: controlledBy(Pod) }],
  observe: (pod, caches) => ({
    claims: new Map(ephemeralVolumes(pod).flatMap((volume) => {
      const claim = caches.of(PersistentVolumeClaim).get(pod.metadata.namespace, claimName(pod, volume));
      return claim ? [[claim.metadata.name, claim] as const] : [];
    })),
  }),
  reconcile,
};

export const ephemeralVolume = defineController(ephemeralVolumeController);

function reconcile(pod: Pod, { claims }: World): Outcome {
  if (pod.metadata.deletionTimestamp !== undefined) return {};
  const volumes = ephemeralVolumes(pod);
  const missing = volumes.filter((volume) => !claims.has(claimName(pod, volume)));
  const foreign = volumes.filter((volume) => {
    const claim = claims.get(claimName(pod, volume));
    return claim !== undefined && !isControlledBy(claim, pod);
  });
  const { namespace, name } = pod.metadata;
  return {
    writes: missing.map((volume) => ({ do: "create", kind: PersistentVolumeClaim, object: claimOf(pod, volume) })),
    events: foreign.map((volume) => ({
      type: "Warning", reason: "FailedBinding",
      message: `ephemeral volume ${volume.name}: PVC ${namespace}/${claimName(pod, volume)} was not created for pod ${namespace}/${name} `
        + "(pod is not owner)",
    })),
  };
}

function ephemeralVolumes({ spec }: Pod): readonly Volume[] {
  return (spec.volumes ?? []).filter(({ ephemeral }) => ephemeral !== undefined);
}

function claimName({ metadata }: Pod, volume: Volume): string {
  return `${metadata.name}-${volume.name}`;
}

function claimOf(pod: Pod, volume: Volume): New<PersistentVolumeClaim> {
  const { metadata, spec } = volume.ephemeral?.volumeClaimTemplate ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName(pod, volume), namespace: pod.metadata.namespace, labels: metadata?.labels, annotations: metadata?.annotations,
      ownerReferences: [controllerReference(pod, "v1", "Pod")],
    },
    spec,
  };
}
