import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { addResources, type ResourceList } from "#machinery/resource-list.ts";
import type { ResourceQuota } from "../../generated/core-v1.ts";
import { claimEvaluator } from "./claims.ts";
import { type QuotaEvaluator, scopeRequirements } from "./evaluator.ts";
import { objectEvaluator } from "./objects.ts";
import { podEvaluator } from "./pods.ts";
import { resourceClaimEvaluator } from "./resource-claims.ts";
import { serviceEvaluator } from "./services.ts";

/** By `group/plural`. */
const ofTheirOwn: ReadonlyMap<string, QuotaEvaluator> = new Map([
  ["/pods", podEvaluator], ["/services", serviceEvaluator], ["/persistentvolumeclaims", claimEvaluator],
  ["resource.k8s.io/resourceclaims", resourceClaimEvaluator],
]);

const ofObjects = new Map<string, QuotaEvaluator>();

/** How objects of this kind count. */
export function evaluatorOf(kind: KindReference): QuotaEvaluator {
  const key = `${kind.group}/${kind.plural}`;
  const own = ofTheirOwn.get(key);
  if (own) return own;
  let evaluator = ofObjects.get(key);
  if (!evaluator) ofObjects.set(key, (evaluator = objectEvaluator(kind)));
  return evaluator;
}

/** Whether the object is one of those that the quota is about. */
export function isWithinScopes(evaluator: QuotaEvaluator, object: KubeObject, spec: ResourceQuota["spec"]): boolean {
  return scopeRequirements(spec).every((requirement) => evaluator.isWithin(object, requirement));
}

/** The amounts of these resources only. */
export function masked(amounts: ResourceList, resources: readonly string[]): ResourceList {
  return Object.fromEntries(resources.flatMap((name) => (amounts[name] === undefined ? [] : [[name, amounts[name]]])));
}

/**
 * What is used of a quota's resources, for its status: every resource that it limits is there.
 * @param objectsOf all objects of a kind in the quota's namespace; asked only for kinds that count
 */
export function usedOf(
  { hard = {}, ...spec }: ResourceQuota["spec"], kinds: readonly KindReference[],
  objectsOf: (kind: KindReference) => Iterable<KubeObject>, now: number,
): ResourceList {
  const resources = Object.keys(hard);
  let used: ResourceList = Object.fromEntries(resources.map((resource) => [resource, "0"]));
  for (const kind of kinds) {
    const evaluator = evaluatorOf(kind);
    const limited = resources.filter((resource) => evaluator.counts(resource));
    if (limited.length === 0) continue;
    for (const object of objectsOf(kind)) {
      if (isWithinScopes(evaluator, object, spec)) used = addResources(used, masked(evaluator.usage(object, now), limited));
    }
  }
  return used;
}
