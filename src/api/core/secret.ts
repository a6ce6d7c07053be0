import type { Secret as SecretObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Secret = SecretObject;

export const Secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  message: "core/v1.Secret",
});
