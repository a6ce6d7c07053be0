import { ClusterRole } from "#api/rbac/cluster-role.ts";
import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { canonicalJson } from "#machinery/canonical-json.ts";
import { equal } from "#machinery/equality.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import type { Controller } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update } from "../writes.ts";

/** Fills the rules of aggregated cluster roles from the roles that their selectors find (Kubernetes "Using RBAC", aggregated ClusterRoles). */
export const clusterRoleAggregationController: Controller<ClusterRole, { readonly rules: readonly PolicyRule[] }> = {
  name: "clusterrole-aggregation-controller",
  // It writes rules that it does not have itself: that takes `escalate`.
  permissions: [allow("escalate get list patch update watch", "rbac.authorization.k8s.io", "clusterroles")],
  kind: ClusterRole,
  watches: [{
    kind: ClusterRole,
    keys: (_changed, caches) => [...caches.of(ClusterRole).list()].filter(isAggregated).map(({ metadata }) => keyOf("", metadata.name)),
  }],
  observe: (role, caches) => ({ rules: isAggregated(role) ? aggregate(role, caches.of(ClusterRole).list()) : [] }),
  reconcile(role, { rules }) {
    if (!isAggregated(role) || equal(role.rules ?? [], rules)) return {};
    return { writes: [update(ClusterRole, { ...role, rules })] };
  },
};

export const clusterRoleAggregation = defineController(clusterRoleAggregationController);

function isAggregated({ aggregationRule }: ClusterRole): boolean {
  return aggregationRule !== undefined;
}

/** Rules in the order of the roles' names, each once, so that nothing changes while no role does. */
function aggregate({ metadata: { name }, aggregationRule }: ClusterRole, roles: Iterable<ClusterRole>): readonly PolicyRule[] {
  const selectors = (aggregationRule?.clusterRoleSelectors ?? []).map(selectorFromObject);
  const selected = [...roles]
    .filter((role) => role.metadata.name !== name && selectors.some((selector) => selector.matches(role.metadata.labels ?? {})))
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  return [...new Map(selected.flatMap(({ rules = [] }) => rules).map((rule) => [canonicalJson(rule), rule])).values()];
}
