import type { ClusterRoleBinding as ClusterRoleBindingObject } from "../generated/rbac-v1.ts";
import { defineKind } from "../define-kind.ts";

export type ClusterRoleBinding = ClusterRoleBindingObject;

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  message: "rbac/v1.ClusterRoleBinding",
});
