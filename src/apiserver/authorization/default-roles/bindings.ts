import type { ClusterRoleBinding, Role, RoleBinding, RoleRef, Subject } from "#api/generated/rbac-v1.ts";
import type { New } from "#machinery/kind.ts";
import { allow } from "./rule.ts";

const rbac = "rbac.authorization.k8s.io";
const user = (name: string): Subject => ({ kind: "User", apiGroup: rbac, name });
const group = (name: string): Subject => ({ kind: "Group", apiGroup: rbac, name });
const account = (namespace: string, name: string): Subject => ({ kind: "ServiceAccount", namespace, name });

const everybody = [group("system:authenticated"), group("system:unauthenticated")];

/** Each default cluster role that somebody has from the start, and who. */
export const defaultClusterRoleBindings: readonly New<ClusterRoleBinding>[] = [
  bind("cluster-admin", group("system:masters")),
  bind("system:discovery", group("system:authenticated")),
  bind("system:basic-user", group("system:authenticated")),
  bind("system:public-info-viewer", ...everybody),
  bind("system:monitoring", group("system:monitoring")),
  bind("system:service-account-issuer-discovery", group("system:serviceaccounts")),
  bind("system:node-proxier", user("system:kube-proxy")),
  bind("system:kube-controller-manager", user("system:kube-controller-manager")),
  bind("system:kube-scheduler", user("system:kube-scheduler")),
  bind("system:volume-scheduler", user("system:kube-scheduler")),
  bind("system:kube-dns", account("kube-system", "kube-dns")),
  // Kubelets are authorized by the Node authorizer, not by this role.
  bind("system:node"),
];

const leaders = ["kube-controller-manager", "kube-scheduler"];
const extensionAuthentication = "extension-apiserver-authentication-reader";

/** Roles within the namespaces of the system. */
export const defaultRoles: readonly New<Role>[] = [
  {
    metadata: { namespace: "kube-system", name: extensionAuthentication },
    rules: [allow("get list watch", "", "configmaps", "extension-apiserver-authentication")],
  },
  ...leaders.map((name): New<Role> => ({
    metadata: { namespace: "kube-system", name: `system::leader-locking-${name}` },
    rules: [allow("watch", "", "configmaps"), allow("get update", "", "configmaps", name)],
  })),
];

export const defaultRoleBindings: readonly New<RoleBinding>[] = [
  {
    metadata: { namespace: "kube-system", name: `system::${extensionAuthentication}` },
    subjects: leaders.map((name) => user(`system:${name}`)),
    roleRef: { apiGroup: rbac, kind: "Role", name: extensionAuthentication },
  },
  ...leaders.map((name): New<RoleBinding> => ({
    metadata: { namespace: "kube-system", name: `system::leader-locking-${name}` },
    subjects: [user(`system:${name}`), account("kube-system", name)],
    roleRef: { apiGroup: rbac, kind: "Role", name: `system::leader-locking-${name}` },
  })),
];

function bind(name: string, ...subjects: readonly Subject[]): New<ClusterRoleBinding> {
  const roleRef: RoleRef = { apiGroup: rbac, kind: "ClusterRole", name };
  return { metadata: { name }, subjects, roleRef };
}
