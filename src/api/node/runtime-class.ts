import type { RuntimeClass as RuntimeClassObject } from "../generated/node-v1.ts";
import { defineKind } from "../define-kind.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems } from "#machinery/names.ts";
import { checkName } from "../field-checks.ts";

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
  validate: ({ handler }) => checkName(handler, fieldPath("handler"), dns1123LabelProblems),
});
