import { pathSegmentProblems } from "#machinery/names.ts";
import type { RoleBinding as RoleBindingObject } from "../generated/rbac-v1.ts";
import { defineKind } from "../define-kind.ts";
import { bindingColumns, defaultBinding } from "./binding.ts";
import { validateBindingUpdate, validateRoleBinding } from "./validation.ts";

export type RoleBinding = RoleBindingObject;

export const RoleBinding = defineKind<RoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  message: "rbac/v1.RoleBinding",
  createOnUpdate: true,
  columns: bindingColumns,
  validateName: pathSegmentProblems,
  defaults: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: validateBindingUpdate,
});
