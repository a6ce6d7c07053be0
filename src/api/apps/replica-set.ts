import type { ReplicaSet as ReplicaSetObject } from "../generated/apps-v1.ts";
import { defineKind } from "../define-kind.ts";

export type ReplicaSet = ReplicaSetObject;

export const ReplicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  scope: "Namespaced",
  message: "apps/v1.ReplicaSet",
  shortNames: ["rs"],
  categories: ["all"],
  subresources: { status: true },
});
