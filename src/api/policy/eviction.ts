import type { Eviction as EvictionObject } from "../generated/policy-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Eviction = EvictionObject;

export const Eviction = defineKind<Eviction>({
  group: "policy",
  version: "v1",
  kind: "Eviction",
  plural: "evictions",
  scope: "Namespaced",
  message: "policy/v1.Eviction",
  verbs: [],
});
