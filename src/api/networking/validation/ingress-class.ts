import { type FieldError, forbiddenValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, domainPrefixedPathProblems } from "#machinery/names.ts";
import type { IngressClass, IngressClassParametersReference } from "../../generated/networking-v1.ts";
import { checkName, checkUnchanged, invalid } from "../../field-checks.ts";
import { validateLocalReference } from "./references.ts";

const controllerPath = fieldPath("spec", "controller");
const longestController = 250;

export function validateIngressClass({ spec: { controller = "", parameters } }: IngressClass): FieldError[] {
  return [
    ...(controller.length > longestController ? [tooLong(controllerPath, longestController)] : []),
    ...checkName(controller, controllerPath, domainPrefixedPathProblems),
    ...(parameters ? validateParameters(parameters, fieldPath("spec", "parameters")) : []),
  ];
}

export function validateIngressClassUpdate({ spec }: IngressClass, { spec: old }: IngressClass): FieldError[] {
  return checkUnchanged(spec.controller, old.controller, controllerPath);
}

function validateParameters(parameters: IngressClassParametersReference, path: FieldPath): FieldError[] {
  const { scope, namespace } = parameters;
  const at = path.child("namespace");
  const errors = validateLocalReference(parameters, path);
  if (scope === "Cluster") return namespace === undefined ? errors : [...errors, forbiddenValue(at, "`parameters.scope` is set to 'Cluster'")];
  if (namespace === undefined) return [...errors, requiredValue(at, "`parameters.scope` is set to 'Namespace'")];
  return [...errors, ...invalid(at, namespace, dns1123LabelProblems(namespace))];
}
