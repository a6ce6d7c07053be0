import type { Binding as BindingObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateBinding } from "./validation/cluster.ts";

export type Binding = BindingObject;

export const Binding = defineKind<Binding>({
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
  message: "core/v1.Binding",
  verbs: ["create"],
  validate: validateBinding,
});
