import { type FieldError, forbiddenValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import type { MutatingAdmissionPolicy, Mutation } from "../../generated/admissionregistration-v1.ts";
import { prepareMutation, scopeOf } from "../cel/policy-programs.ts";
import { expressionErrors, validateMatchConditions, validateParamKind, validateVariables } from "./expressions.ts";
import { validateMatchConstraints } from "./validating-admission-policy.ts";

const specPath = fieldPath("spec");
const reinvocationPolicies = ["IfNeeded", "Never"];

export function validateMutatingAdmissionPolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { paramKind, matchConstraints, mutations = [], matchConditions = [], variables = [], reinvocationPolicy } = spec;
  const reinvocationPath = specPath.child("reinvocationPolicy");
  return [
    ...(paramKind ? validateParamKind(paramKind, specPath.child("paramKind")) : []),
    ...validateMatchConstraints(matchConstraints, specPath.child("matchConstraints")),
    ...validateMatchConditions(matchConditions, specPath.child("matchConditions"), paramKind !== undefined),
    ...validateVariables(variables, scopeOf(spec), specPath.child("variables")),
    ...(mutations.length === 0 ? [requiredValue(specPath.child("mutations"), "mutations must contain at least one item")] : []),
    ...mutations.flatMap((mutation, index) => validateMutation(mutation, spec, specPath.child("mutations").index(index))),
    ...(reinvocationPolicy === undefined ? [requiredValue(reinvocationPath)] : reinvocationPolicies.includes(reinvocationPolicy)
      ? [] : [notSupportedValue(reinvocationPath, reinvocationPolicy, reinvocationPolicies)]),
  ];
}

const fieldOfType = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

/** The field that belongs to the type, with an expression, and no other. */
function validateMutation(mutation: Mutation, policy: MutatingAdmissionPolicy["spec"], path: FieldPath): FieldError[] {
  return Object.entries(fieldOfType).flatMap(([type, field]) => {
    const at = path.child(field);
    const given = mutation[field];
    const when = `when patchType is ${mutation.patchType}`;
    if (type !== mutation.patchType) return given ? [forbiddenValue(at, `must not be specified ${when}`)] : [];
    if (!given) return [requiredValue(at, `must be specified ${when}`)];
    const { expression = "" } = given;
    if (expression.trim() === "") return [requiredValue(at.child("expression"), "expression is not specified")];
    return expressionErrors(prepareMutation(mutation, policy), expression, at.child("expression"));
  });
}
