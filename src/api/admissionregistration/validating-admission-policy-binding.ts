import { fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems } from "#machinery/names.ts";
import type { ValidatingAdmissionPolicyBinding as ValidatingAdmissionPolicyBindingObject } from "../generated/admissionregistration-v1.ts";
import { defineKind } from "../define-kind.ts";
import { checkName } from "../field-checks.ts";
import { paramRefText } from "./policy-columns.ts";
import { validateActions, validateParamRef } from "./validation/expressions.ts";
import { validateMatchResources } from "./validation/rules.ts";

export type ValidatingAdmissionPolicyBinding = ValidatingAdmissionPolicyBindingObject;

const specPath = fieldPath("spec");

export const ValidatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  scope: "Cluster",
  message: "admissionregistration/v1.ValidatingAdmissionPolicyBinding",
  categories: ["api-extensions"],
  columns: [
    { name: "PolicyName", type: "string", description: "Name of the policy.", value: ({ spec }) => spec.policyName },
    { name: "ParamRef", type: "string", description: "Objects with settings.", value: ({ spec }) => paramRefText(spec.paramRef) },
  ],
  validate: ({ spec: { policyName, paramRef, matchResources, validationActions } }) => [
    ...checkName(policyName, specPath.child("policyName"), dns1123SubdomainProblems),
    ...(paramRef ? validateParamRef(paramRef, specPath.child("paramRef")) : []),
    ...(matchResources ? validateMatchResources(matchResources, specPath.child("matchResources")) : []),
    ...validateActions(validationActions),
  ],
});
