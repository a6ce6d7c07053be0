import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { allow } from "../../rules.ts";

export const binderPermissions: readonly PolicyRule[] = [
  allow("get list watch update create delete", "", "persistentvolumes"),
  allow("update", "", "persistentvolumes/status persistentvolumeclaims/status"),
  allow("get list watch update", "", "persistentvolumeclaims"),
  allow("get list watch create delete", "", "pods"),
  allow("get list watch", "storage.k8s.io", "storageclasses"),
  allow("get list", "", "nodes"),
];
