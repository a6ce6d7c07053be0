import type { MutatingAdmissionPolicy as MutatingAdmissionPolicyObject } from "../generated/admissionregistration-v1.ts";
import { defineKind } from "../define-kind.ts";
import { paramKindText } from "./policy-columns.ts";
import { validateMutatingAdmissionPolicy } from "./validation/mutating-admission-policy.ts";

export type MutatingAdmissionPolicy = MutatingAdmissionPolicyObject;

export const MutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  plural: "mutatingadmissionpolicies",
  scope: "Cluster",
  message: "admissionregistration/v1.MutatingAdmissionPolicy",
  categories: ["api-extensions"],
  columns: [
    { name: "Mutations", type: "integer", description: "Number of changes.", value: ({ spec: { mutations = [] } }) => mutations.length },
    { name: "ParamKind", type: "string", description: "The kind of objects with settings.", value: ({ spec }) => paramKindText(spec.paramKind) },
  ],
  validate: validateMutatingAdmissionPolicy,
});
