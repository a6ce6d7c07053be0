import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "#api/generated/rbac-v1.ts";
import type { New } from "#machinery/kind.ts";
import { writeEvents } from "./rule.ts";

/** What a controller says of itself; its name is that of its service account in kube-system. */
export interface ControllerPermissions {
  readonly name: string;
  readonly permissions: readonly PolicyRule[];
}

/** The role `system:controller:<name>` of each controller, and its binding to the controller's service account. */
export function controllerRoles(controllers: readonly ControllerPermissions[]): {
  readonly roles: readonly New<ClusterRole>[];
  readonly bindings: readonly New<ClusterRoleBinding>[];
} {
  return {
    roles: controllers.map(({ name, permissions }) => ({ metadata: { name: roleName(name) }, rules: [...permissions, ...writeEvents] })),
    bindings: controllers.map(({ name }) => ({
      metadata: { name: roleName(name) },
      subjects: [{ kind: "ServiceAccount", namespace: "kube-system", name }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName(name) },
    })),
  };
}

function roleName(controller: string): string {
  return `system:controller:${controller}`;
}
