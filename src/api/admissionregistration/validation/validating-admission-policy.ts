import { duplicateValue, type FieldError, invalidValue, notSupportedValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import type { AuditAnnotation, MatchResources, ValidatingAdmissionPolicy, Validation } from "../../generated/admissionregistration-v1.ts";
import { invalid } from "../../field-checks.ts";
import { type PolicyScope, prepare, scopeOf } from "../cel/policy-programs.ts";
import { expressionErrors, validateMatchConditions, validateParamKind, validateVariables } from "./expressions.ts";
import { validateMatchResources } from "./rules.ts";

const specPath = fieldPath("spec");
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const mostAnnotations = 20;

export function validateValidatingAdmissionPolicy({ spec }: ValidatingAdmissionPolicy): FieldError[] {
  const { paramKind, matchConstraints, validations = [], auditAnnotations = [], matchConditions = [], variables = [] } = spec;
  const nothing = "validations or auditAnnotations must be set";
  const scope = scopeOf(spec);
  const isIdle = validations.length + auditAnnotations.length === 0;
  return [
    ...(paramKind ? validateParamKind(paramKind, specPath.child("paramKind")) : []),
    ...validateMatchConstraints(matchConstraints, specPath.child("matchConstraints")),
    ...validateMatchConditions(matchConditions, specPath.child("matchConditions"), paramKind !== undefined),
    ...validateVariables(variables, scope, specPath.child("variables")),
    ...(isIdle ? [requiredValue(specPath.child("validations"), nothing), requiredValue(specPath.child("auditAnnotations"), nothing)] : []),
    ...validations.flatMap((validation, index) => validateValidation(validation, scope, specPath.child("validations").index(index))),
    ...validateAnnotations(auditAnnotations, scope, specPath.child("auditAnnotations")),
  ];
}

/** A policy has to say which requests it is about, so that its expressions can be checked. */
export function validateMatchConstraints(constraints: MatchResources | undefined, path: FieldPath): FieldError[] {
  if (!constraints) return [requiredValue(path)];
  const errors = validateMatchResources(constraints, path);
  return (constraints.resourceRules ?? []).length === 0 ? [...errors, requiredValue(path.child("resourceRules"))] : errors;
}

function validateValidation(validation: Validation, { environment }: PolicyScope, path: FieldPath): FieldError[] {
  const { expression, message, reason, messageExpression = "" } = validation;
  const at = path.child("message");
  const errors = expression.trim() === "" ? [requiredValue(path.child("expression"), "expression is not specified")]
    : expressionErrors(prepare(expression, environment, "bool"), expression, path.child("expression"));
  if (messageExpression.trim() !== "") {
    errors.push(...expressionErrors(prepare(messageExpression, environment, "string"), messageExpression, path.child("messageExpression")));
  }
  if (message !== undefined && message.trim() === "") errors.push(invalidValue(at, message, "message must be non-empty if specified"));
  else if (message?.trim().includes("\n") === true) errors.push(invalidValue(at, message, "message must not contain line breaks"));
  else if (message === undefined && expression.trim().includes("\n")) {
    errors.push(requiredValue(at, "message must be specified if expression contains line breaks"));
  }
  return reason === undefined || reasons.includes(reason) ? errors : [...errors, notSupportedValue(path.child("reason"), reason, reasons)];
}

function validateAnnotations(annotations: readonly AuditAnnotation[], { environment }: PolicyScope, path: FieldPath): FieldError[] {
  return [
    ...(annotations.length > mostAnnotations ? [tooMany(path, annotations.length, mostAnnotations)] : []),
    ...annotations.flatMap(({ key, valueExpression }, index) => [
      ...invalid(path.index(index).child("key"), key, qualifiedNameProblems(key)),
      ...(annotations.findIndex((other) => other.key === key) < index ? [duplicateValue(path.index(index).child("key"), key)] : []),
      ...(valueExpression.trim() === ""
        ? [requiredValue(path.index(index).child("valueExpression"), "valueExpression is not specified")]
        : expressionErrors(
          prepare(valueExpression, environment, "string", "null_type"), valueExpression, path.index(index).child("valueExpression"),
        )),
    ]),
  ];
}
