import { pathSegmentProblems } from "#machinery/names.ts";
import type { ClusterRole as ClusterRoleObject } from "../generated/rbac-v1.ts";
import { createdAtColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateClusterRole } from "./validation.ts";

export type ClusterRole = ClusterRoleObject;

export const ClusterRole = defineKind<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  message: "rbac/v1.ClusterRole",
  createOnUpdate: true,
  columns: [createdAtColumn],
  validateName: pathSegmentProblems,
  validate: validateClusterRole,
});
