import { pathSegmentProblems } from "#machinery/names.ts";
import type { Role as RoleObject } from "../generated/rbac-v1.ts";
import { createdAtColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateRole } from "./validation.ts";

export type Role = RoleObject;

export const Role = defineKind<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  message: "rbac/v1.Role",
  createOnUpdate: true,
  columns: [createdAtColumn],
  validateName: pathSegmentProblems,
  validate: validateRole,
});
