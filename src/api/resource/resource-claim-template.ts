import { fieldPath } from "#machinery/field-path.ts";
import type { ResourceClaimTemplate as ResourceClaimTemplateObject } from "../generated/resource-v1.ts";
import { defineKind } from "../define-kind.ts";
import { checkUnchanged } from "../field-checks.ts";
import { fillClaimDefaults } from "./resource-claim.ts";
import { validateClaimSpec } from "./validation/resource-claim.ts";

export type ResourceClaimTemplate = ResourceClaimTemplateObject;

export const ResourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  message: "resource/v1.ResourceClaimTemplate",
  defaults: ({ spec }) => fillClaimDefaults((spec as typeof spec | undefined)?.spec),
  validate: ({ spec }) => validateClaimSpec(spec.spec, fieldPath("spec", "spec")),
  validateUpdate: ({ spec }, { spec: old }) => checkUnchanged(spec, old, fieldPath("spec")),
});
