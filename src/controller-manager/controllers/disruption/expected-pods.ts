import type { Pod } from "#api/core/pod.ts";
import type { KubeObject, OwnerReference } from "#machinery/kind.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import type { Caches } from "../../controller.ts";
import { findKind, type ServedKinds } from "../../served-kinds.ts";
import type { Expected } from "./budget.ts";

/** Adds up the scales of all that looks after these pods, whatever kind it is. */
export function expectedPods(pods: readonly Pod[], kinds: ServedKinds, caches: Caches): Expected {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const { namespace, name } = pod.metadata;
    const owner = controllerOf(pod);
    if (!owner) {
      unmanaged.push(name);
      continue;
    }
    if (scales.has(owner.uid)) continue;
    const scale = scaleOf(owner, namespace, kinds, caches);
    if (!scale) return { count: 0, unmanaged, problem: `found no controllers for pod ${JSON.stringify(name)}` };
    scales.set(scale.uid, scale.replicas);
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

/** The scale of the topmost controller that has one: of a deployment rather than of its replica sets. */
function scaleOf({ apiVersion, kind, name, uid }: OwnerReference, namespace: string, kinds: ServedKinds, caches: Caches): Scale | undefined {
  const served = findKind(kinds, apiVersion, kind);
  const mapping = served?.subresources?.scale;
  const owner: KubeObject | undefined = served && mapping && caches.of(served).get(namespace, name);
  if (!owner || owner.metadata.uid !== uid) return undefined;
  const above = controllerOf(owner);
  return (above && scaleOf(above, namespace, kinds, caches)) ?? { uid, replicas: mapping?.replicas(owner) ?? 0 };
}
