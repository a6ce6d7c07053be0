import type { ValidatingAdmissionPolicy as ValidatingAdmissionPolicyObject } from "../generated/admissionregistration-v1.ts";
import { defineKind } from "../define-kind.ts";
import { paramKindText } from "./policy-columns.ts";
import { validateValidatingAdmissionPolicy } from "./validation/validating-admission-policy.ts";

export type ValidatingAdmissionPolicy = ValidatingAdmissionPolicyObject;

export const ValidatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  scope: "Cluster",
  message: "admissionregistration/v1.ValidatingAdmissionPolicy",
  categories: ["api-extensions"],
  subresources: { status: true },
  columns: [
    { name: "Validations", type: "integer", description: "Number of rules.", value: ({ spec: { validations = [] } }) => validations.length },
    { name: "ParamKind", type: "string", description: "The kind of objects with settings.", value: ({ spec }) => paramKindText(spec.paramKind) },
  ],
  validate: validateValidatingAdmissionPolicy,
});
