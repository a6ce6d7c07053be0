import type { RuntimeClass as RuntimeClassObject } from "../generated/node-v1.ts";
import { defineKind } from "../define-kind.ts";

export type RuntimeClass = RuntimeClassObject;

export const RuntimeClass = defineKind<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  message: "node/v1.RuntimeClass",
  unconditionalUpdate: false,
  columns: [{ name: "Handler", type: "string", description: "What the container runtime calls it.", value: ({ handler }) => handler }],
});
