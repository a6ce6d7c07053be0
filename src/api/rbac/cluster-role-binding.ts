import { pathSegmentProblems } from "#machinery/names.ts";
import type { ClusterRoleBinding as ClusterRoleBindingObject } from "../generated/rbac-v1.ts";
import { defineKind } from "../define-kind.ts";
import { bindingColumns, defaultBinding } from "./binding.ts";
import { validateBindingUpdate, validateClusterRoleBinding } from "./validation.ts";

export type ClusterRoleBinding = ClusterRoleBindingObject;

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  message: "rbac/v1.ClusterRoleBinding",
  createOnUpdate: true,
  columns: bindingColumns,
  validateName: pathSegmentProblems,
  defaults: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: validateBindingUpdate,
});
