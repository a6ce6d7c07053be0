import { Pod } from "#api/core/pod.ts";
import { PodDisruptionBudget } from "#api/policy/pod-disruption-budget.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Caches, Runnable, Watched } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";
import type { ServedKinds } from "../served-kinds.ts";
import { reconcileBudget, type World } from "./disruption/budget.ts";
import { expectedPods } from "./disruption/expected-pods.ts";
import { staleDisruptionController } from "./disruption/stale-condition.ts";

/** Tells how many pods of each budget may be evicted now (API reference: policy/v1 PodDisruptionBudget). */
export function disruption(kinds: ServedKinds): Runnable {
  return defineController<PodDisruptionBudget, World>({
    name: "disruption-controller",
    permissions: [
      allow("get list watch", "apps", "deployments replicasets statefulsets"),
      allow("get list watch", "", "replicationcontrollers pods"),
      allow("get list watch", "policy", "poddisruptionbudgets"),
      allow("update", "policy", "poddisruptionbudgets/status"),
      allow("get", "*", "*/scale"),
    ],
    kind: PodDisruptionBudget,
    watches: [{ kind: Pod, keys: budgetsOfPod }, ...scalable(kinds)],
    observe(budget, caches) {
      const pods = caches.of(Pod).inNamespace(budget.metadata.namespace).filter((pod) => covers(budget, pod));
      return { pods, expected: expectedPods(pods, kinds, caches) };
    },
    reconcile: reconcileBudget,
  });
}

export const stalePodDisruption = defineController(staleDisruptionController);

/** Every kind with a scale that is served from the start; a change of one concerns the budgets of its namespace. */
function scalable(kinds: ServedKinds): Watched[] {
  const all = kinds.list().filter(({ subresources }) => subresources?.scale !== undefined);
  return all.map((kind) => ({ kind, keys: (object, caches) => budgetsIn(object, caches).map(key) }));
}

function budgetsOfPod(pod: KubeObject, caches: Caches): string[] {
  return budgetsIn(pod, caches).filter((budget) => covers(budget, pod)).map(key);
}

function budgetsIn({ metadata: { namespace } }: KubeObject, caches: Caches): readonly PodDisruptionBudget[] {
  return caches.of(PodDisruptionBudget).inNamespace(namespace);
}

function key({ metadata: { namespace, name } }: PodDisruptionBudget): string {
  return keyOf(namespace, name);
}

/** An empty selector covers all pods, and none at all covers none. */
function covers({ spec: { selector } }: PodDisruptionBudget, pod: KubeObject): boolean {
  return selector !== undefined && selectorOf(selector).matches(pod.metadata.labels);
}
